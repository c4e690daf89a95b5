import { asRecord, isRecord } from '../../../lib/record.ts';

/** Lists of faults that a linter or a type checker passes over, which it reads unasked. */
export const SUPPRESSIONS = /(^|\/)(eslint-suppressions\.json|\.basedpyright\/baseline\.json)$/;

/** Whether such a list, as parsed, passes over no more faults of any rule than another one. Files may be renamed. */
export function suppressesNoMore(old: unknown, now: unknown): boolean {
  const [before, after] = [countsOf(old), countsOf(now)];
  return [...after].every(([rule, count]) => count <= (before.get(rule) ?? 0));
}

function countsOf(list: unknown): Map<string, number> {
  const counts = new Map<string, number>();
  const add = (rule: string, count: number) => counts.set(rule, (counts.get(rule) ?? 0) + count);
  const walk = (key: string, value: unknown): void => {
    const { count, code } = asRecord(value);
    if (typeof count === 'number') add(key, count);
    else if (typeof code === 'string') add(code, 1);
    else if (Array.isArray(value) || isRecord(value))
      for (const [name, each] of Object.entries(value)) walk(name, each);
  };
  walk('', list);
  return counts;
}
