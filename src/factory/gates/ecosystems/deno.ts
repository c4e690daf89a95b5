import { isDeepStrictEqual } from 'node:util';
import { parseObject } from '../../../lib/record.ts';
import { type Ecosystem, type MergedManifest, NO_SETUP, NOTHING_AT_HOME } from './types.ts';

/** Its tasks are the owner's to name; what it is told by the repository counts all the same. */
export const deno: Ecosystem = {
  name: 'deno',
  find: async () => ({}),
  definitions: { names: [], paths: [], families: [{ names: /^deno\.lock$/, locks: true, free: false }] },
  manifests: [{ name: /^deno\.jsonc?$/, merge: mergeDeno }],
  installed: [],
  setup: NO_SETUP,
  home: NOTHING_AT_HOME,
};

/** What a deno.json says of tasks and tools comes from the base commit; the rest is imports. */
function mergeDeno(base: string, head: string): MergedManifest {
  const [old, now] = [parseObject(base), parseObject(head)];
  if (old === null || now === null) return { text: base, changed: true };
  const merged: Record<string, unknown> = { ...now };
  for (const key of ['tasks', 'test', 'lint', 'fmt', 'bench', 'exclude', 'unstable', 'compilerOptions']) {
    if (key in old) merged[key] = old[key];
    else delete merged[key];
  }
  if (isDeepStrictEqual(merged, now)) return { text: head, changed: false };
  return { text: `${JSON.stringify(merged, null, 2)}\n`, changed: true };
}
