import type { CommandContext } from './context.ts';
import { yellow } from '../render/output.ts';

/** Writes warnings to stderr. */
export function warner({ err }: Pick<CommandContext, 'err'>): (text: string) => void {
  return (text) => err.line([yellow('warning:'), ` ${text}`]);
}
