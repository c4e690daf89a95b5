import { lutimes, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createProcesses } from '../../src/lib/process/process.ts';
import { silentLocks } from '../../src/producers/health/silent-locks.ts';
import { addProject, openStore } from '../state/samples.ts';
import { withFolder } from '../state/support.ts';

it('a lock is named with its process when that lives and gives no sign; a fresh one and one of a dead process hold up nobody', () =>
  withFolder(async (folder) => {
    const { store, home } = openStore(folder);
    const project = await addProject(store);
    const processes = createProcesses();
    const at = (name: string) => join(store.projectFolder(project.id), `${name}.lock`);
    const self = await processes.self();
    for (const [name, startedAt] of [
      ['silent', self.startedAt],
      ['fresh', self.startedAt],
      ['dead', '1'],
    ] as const)
      await symlink(JSON.stringify({ nonce: name, ...self, startedAt }), at(name));
    for (const name of ['silent', 'dead']) await lutimes(at(name), new Date(0), new Date(0));
    const found = await silentLocks({ home, state: store, liveness: processes.liveness }, [project]);
    expect(found).toEqual([{ path: at('silent'), pid: process.pid, silentMs: expect.any(Number) }]);
  }));
