import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StateStore } from '../../../src/factory/ports.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { createHome } from '../../../src/state/home/home.ts';
import { encryptingOutputs } from '../../../src/state/projects/outputs.ts';
import { createPrivacy } from '../../../src/state/secrets/privacy.ts';
import { createMasterKey } from '../../../src/state/secrets/vault.ts';
import { createStateStore } from '../../../src/state/store.ts';
import { sampleAgent, sampleFinance, sampleProject } from '../samples.ts';

export const WORD = 'the-customer-is-called-Hallgrimsson';
export const holder = { host: 'h', pid: 1, startedAt: 'now' };
const note = (text: string) => ({ type: 'note', key: 'k', text }) as const;

const DONE = { type: 'step_done', outcome: 'continue' } as const;

export function open(folder: string, encrypt = true, env: Record<string, string> = {}) {
  const home = createHome(folder, {}, '/nowhere');
  const masterKey = createMasterKey({ home: folder, env });
  const privacy = createPrivacy({ encrypt, masterKey, longestCommand: 60_000 });
  const store = createStateStore({ home, clock: systemClock, privacy });
  /** What the sandbox does: writes in clear, and ends. */
  const sandbox = encryptingOutputs(
    {
      run: async ({ outputFile, command }: { outputFile: string; command: string }) =>
        writeFile(outputFile, command),
    } as unknown as Parameters<typeof encryptingOutputs>[0],
    { privacy, projects: home.projects, onProblem: (error) => void Promise.reject(error) },
  );
  const run = async (id: string, text: string) => {
    const { file, relative } = await store.newOutput(id, 'bash');
    await sandbox.run({ outputFile: file, command: text } as Parameters<typeof sandbox.run>[0]);
    return { file, relative };
  };
  return { home, privacy, store, run };
}

export async function project(store: StateStore) {
  const made = sampleProject();
  await store.createProject(made, [sampleAgent(made.id)], sampleFinance(made.id));
  const journal = join(store.projectFolder(made.id), 'agents', 'engineer.jsonl');
  return { ...made, journal };
}

export async function say(store: StateStore, id: string, step: number, text: string) {
  const writer = await store.journal(id, 'engineer').lease(step, holder);
  await writer?.append(note(text), DONE);
}

export const said = async (store: StateStore, id: string) =>
  (await store.journal(id, 'engineer').entries()).flatMap((entry) =>
    entry.type === 'note' ? [entry.text] : [],
  );
