import type { Project } from '../../factory/model/project.ts';
import type { Wire } from '../data/wire.ts';

/** Nothing goes on in one of these. */
export const ENDED: ReadonlySet<string> = new Set(['completed', 'failed', 'timeout']);

/** What colour says, words say too. */
const TONES: Readonly<Record<string, string>> = {
  completed: 'good',
  active: 'busy',
  initializing: 'busy',
  failed: 'bad',
  timeout: 'bad',
  paused: 'wait',
  waiting_for_credits: 'wait',
};

export function Status({
  project,
}: {
  project: Pick<Wire<Project>, 'status'> & { stopped?: boolean | undefined; started?: boolean };
}) {
  const { stopped, started, status } = project;
  const own =
    stopped === true ? 'stopped' : started === false && status === 'initializing' ? 'not started' : null;
  const word = own ?? status.replaceAll('_', ' ');
  const tone = own === null ? (TONES[status] ?? 'wait') : 'wait';
  return <span class={`status ${tone}`}>{word}</span>;
}
