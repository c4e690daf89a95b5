import type { ProjectStatus } from '../../../factory/model/project.ts';
import type { TaskStatus } from '../../../factory/model/task.ts';
import { cyan, dim, green, red, type Text, yellow } from './output.ts';

type Shown = ProjectStatus | TaskStatus | 'stopped';

const LOOK: Record<Shown, (text: string) => Text> = {
  initializing: dim,
  active: cyan,
  paused: yellow,
  waiting_for_credits: yellow,
  completed: green,
  failed: red,
  timeout: red,
  stopped: yellow,
  pending: dim,
  in_progress: cyan,
  blocked: red,
  skipped: dim,
};

/** A status as the specification writes it (or `stopped`: `shownStatus`), in the colour of its kind. */
export function statusText(status: Shown): Text {
  return LOOK[status](status);
}
