import type { LogStore } from '../../factory/ports.ts';
import { createJsonLog } from './log.ts';
import type { JsonLog, LogDeps, LogOptions } from './log-types.ts';

export function createLog<T>(
  deps: LogDeps,
  options: LogOptions<T>,
): LogStore<T> & Pick<JsonLog<T>, 'readFrom' | 'size'> {
  const log = createJsonLog(deps, options);
  return {
    append: (...entries) =>
      entries.length === 0 ? log.force() : log.exclusively((held) => held.append(entries, 'now')),
    write: (...entries) => log.exclusively((held) => held.append(entries, 'later')),
    readAll: async () => [...(await log.entries())],
    readFrom: log.readFrom,
    size: log.size,
  };
}
