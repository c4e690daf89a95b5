import { isDeepStrictEqual } from 'node:util';
import { asRecord, isRecord, parseObject } from '../../../../lib/record.ts';
import { jsonLike } from '../../../../lib/text/json-like.ts';
import type { MergedManifest } from '../types.ts';

/** Targets of Angular and Nx that prove something by their names. */
const PROVES = /test|e2e|lint|check|format|verif|spec|typecheck/i;

/** What an angular.json or a project.json says of how it is proved comes from the base commit; the rest is how it is built. */
export function mergeTargets(base: string, head: string): MergedManifest {
  const [old, now] = [parseObject(base), parseObject(head)];
  if (old === null || now === null) return { text: base, changed: true };
  const merged = withTargets(old, now);
  const oldProjects = asRecord(old['projects']);
  const projects = Object.entries(asRecord(now['projects'])).map(([name, each]) => {
    const before = oldProjects[name];
    return [name, isRecord(each) && isRecord(before) ? withTargets(before, each) : each];
  });
  // One that went takes its tests along.
  const gone = Object.entries(oldProjects).filter(([name]) => !(name in asRecord(now['projects'])));
  if ('projects' in now || gone.length > 0) merged['projects'] = Object.fromEntries([...projects, ...gone]);
  if (isDeepStrictEqual(merged, now)) return { text: head, changed: false };
  return { text: jsonLike(head, merged), changed: true };
}

/** Whether no target of a file proves anything. */
export function hasNoChecks(text: string): boolean {
  const all = parseObject(text);
  if (all === null) return false;
  const each = [all, ...Object.values(asRecord(all['projects'])).map(asRecord)];
  return each.every((one) => isDeepStrictEqual(withTargets(one, {}), {}));
}

function withTargets(old: Record<string, unknown>, now: Record<string, unknown>): Record<string, unknown> {
  const merged = { ...now };
  for (const key of ['architect', 'targets']) {
    const before = Object.entries(asRecord(old[key])).filter(([name]) => PROVES.test(name));
    if (before.length > 0) merged[key] = { ...asRecord(now[key]), ...Object.fromEntries(before) };
  }
  return merged;
}
