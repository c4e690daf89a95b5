import type { Services } from '../../services.ts';
import type { Processor } from '../steps/processor.ts';

/** Tells forges what the settings say they are to know. */
export const processor: Processor<'forge', Pick<Services, 'publishing'>> = ({ project }, { services }) =>
  services.publishing.publishWished(project);
