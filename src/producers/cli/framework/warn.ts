import { yellow } from '../render/output.ts';
import type { CommandContext } from './context.ts';

/** Writes warnings to stderr. */
export function warner({ err }: Pick<CommandContext, 'err'>): (text: string) => void {
  return (text) => err.line([yellow('warning:'), ` ${text}`]);
}
