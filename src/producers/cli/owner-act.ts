import { FACTORY } from '../../factory/finance/desk.ts';
import type { FactoryEvent } from '../../factory/project/event.ts';
import type { Services } from '../../services.ts';

/** Puts what the owner did to the factory itself into its audit log, which `df logs factory` shows. */
export function ownerAct(
  { record }: Pick<Services, 'record'>,
  type: string,
  message: string,
  data: FactoryEvent['data'] = {},
): Promise<void> {
  return record({ projectId: FACTORY, type, level: 'info', message, data: { by: 'owner', ...data } });
}
