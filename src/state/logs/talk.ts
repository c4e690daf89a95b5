import { talkEntry } from '../../factory/model/talk.ts';
import type { TalkLog } from '../../factory/ports.ts';
import { createJsonLog } from './log.ts';
import type { LogDeps, LogOptions } from './log-types.ts';

/** talk.jsonl of a project. */
export function createTalkLog(
  deps: LogDeps,
  options: Pick<LogOptions<unknown>, 'file' | 'privacy' | 'missing'>,
): TalkLog {
  const log = createJsonLog(deps, { ...options, schema: talkEntry });
  return {
    entries: log.entries,
    append: (decide) =>
      log.exclusively(async (held) => {
        const added = decide(await held.entries());
        if (added.length > 0) await held.append(added, 'now');
      }),
  };
}
