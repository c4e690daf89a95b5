import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { ECOSYSTEMS } from '../../factory/gates/ecosystems/all.ts';
import { setupInputs } from '../../factory/gates/ecosystems/setup-key.ts';
import type { FoundCommand } from '../../factory/gates/ecosystems/types.ts';
import { setupCommand } from '../../factory/gates/run/commands.ts';
import type { Project } from '../../factory/model/project.ts';
import type { SealedFile } from '../../factory/model/sealing/sealed.ts';
import type { ScratchContent } from '../../factory/ports/workspace.ts';
import { orNullSync } from '../../lib/errno.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import type { WorkspaceDeps } from '../deps.ts';
import { fingerprint } from '../files.ts';
import { writeFiles } from '../trees/write-files.ts';
import { type InstallDeps, installIn } from './install.ts';
import { movesTrees } from './read-only-mounts.ts';
import type { Kept, SetupCache, SetupEntry } from './setup-cache.ts';

export type PackageDeps = InstallDeps &
  Pick<WorkspaceDeps, 'git' | 'findProgram'> & {
    cache: SetupCache;
    /** `data/scratch`. */
    root: string;
    /** `worktree.setup` of config.yaml. */
    setup?: string | undefined;
    /** Files of the owner's checkout that every worktree gets. */
    ownFiles(project: Project): Promise<readonly SealedFile[]>;
    /** Asked after a set-up was added to the cache. */
    prune(): Promise<void>;
  };

/** What a project uses of the cache. */
const used = z.object({
  /** By `ScratchContent.dependencies`; `null`: nothing is installed. */
  keys: z.record(z.string(), z.string().nullable()).default({}),
  /** Packages that the agent's worktree has a copy of its own of. */
  own: z.array(z.string()).default([]),
  /** Why packages are missing that the machine may have as well. */
  problem: z.string().optional(),
});
export type Used = z.infer<typeof used>;

export interface Packages {
  /**
   * What the set-up makes of the base commit, or of the given content where that names packages of its own. From the cache, or
   * by running the set-up in a tree that no agent was in.
   *
   * @returns `null` when nothing is set up
   * @throws DarkFactoryError `environment`/`setup_failed`; the signal's reason
   */
  of(project: Project, content?: ScratchContent, signal?: AbortSignal): Promise<SetupEntry | null>;
  used(projectId: string): Promise<Used>;
  setOwn(projectId: string, own: readonly string[]): Promise<void>;
  /** What the project uses is found anew the next time. */
  forget(projectId: string): Promise<void>;
}

const BASE = 'base';
/** Their versions decide about what is installed. */
const PROGRAMS = [...new Set(ECOSYSTEMS.flatMap(({ setup }) => setup.programs))];
/** A new layout of entries gets new keys. */
const FORMAT = '1';

export function createPackages(deps: PackageDeps): Packages {
  const { git, cache } = deps;
  const fileOf = (projectId: string) => join(deps.root, projectId, 'packages.json');

  async function readUsed(projectId: string): Promise<Used> {
    // Asked for in every turn: through the thread pool it would take ten times as long.
    const text = orNullSync(() => readFileSync(fileOf(projectId), 'utf8'));
    return used.parse(text === null ? {} : JSON.parse(text));
  }

  async function save(projectId: string, change: (before: Used) => Used): Promise<void> {
    const file = fileOf(projectId);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const aside = `${file}.${process.pid}.new`;
    await writeFile(aside, JSON.stringify(change(await readUsed(projectId))), { mode: 0o600, flush: true });
    await rename(aside, file);
  }

  const packages: Packages = {
    async of(project, content, signal) {
      const name = content?.dependencies ?? BASE;
      const known = (await readUsed(project.id)).keys[name];
      if (known === null) return null;
      const setup = await setupCommand(git, project, { general: deps.setup, network: deps.setupNetwork });
      const own = await deps.ownFiles(project);
      const nothing = setup === null && own.length === 0;
      const key = known ?? (nothing ? null : await keyOf(deps, project, { name, setup, own }));
      if (known === undefined)
        await save(project.id, (before) => ({ ...before, keys: { ...before.keys, [name]: key } }));
      if (key === null) return null;
      const isBase = name === BASE || content === undefined;
      const from = isBase ? { commit: project.baseCommit } : content;
      // What was resolved for the base commit holds for every later tree.
      const first = isBase || !setup?.unlocked ? null : await packages.of(project, undefined, signal);
      let made = false;
      const install = async (files: string) => {
        made = true;
        if (setup === null) return keepFiles(own, files);
        return installIn(deps, project, { from, setup, own, files, signal, first });
      };
      try {
        const entry = await cache.obtain(key, project.id, install, signal);
        if (made) await deps.prune();
        return entry;
      } catch (error) {
        if (!setup?.optional || !(error instanceof DarkFactoryError) || error.code !== 'setup_failed')
          throw error;
        const problem = `${error.message} What the machine has is used instead.`;
        await save(project.id, (before) => ({ ...before, keys: { ...before.keys, [name]: null }, problem }));
        return null;
      }
    },
    used: readUsed,
    forget: (id) => save(id, ({ own }) => ({ own, keys: {} })),
    setOwn: (id, own) => save(id, (before) => ({ ...before, own: [...own] })),
  };
  return packages;
}

/** Where two projects have the same key, the same set-up with the same tools would read the same files. */
async function keyOf(
  deps: PackageDeps,
  project: Project,
  { name, setup, own }: { name: string; setup: FoundCommand | null; own: readonly SealedFile[] },
): Promise<string> {
  const canMount = movesTrees(await deps.sandbox());
  const programs = PROGRAMS.flatMap((each) => deps.findProgram(each) ?? []);
  const tools = await Promise.all(programs.map(fingerprint));
  const parts = [
    FORMAT,
    `${process.platform} ${process.arch} ${deps.setupNetwork}`,
    project.repository,
    setup?.command ?? '',
    ...tools,
    ...(setup === null ? [] : await setupInputs(deps.git, project, setup)),
    ...own.map(({ path, content }) => `${createHash('sha256').update(content).digest('hex')} ${path}`),
    // Packages that the owner allowed an agent to change, and those that cannot be shown elsewhere, are shared with nobody.
    ...(name === BASE && canMount ? [] : [project.id, name]),
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 40);
}

/** Where there is nothing to run. */
async function keepFiles(own: readonly SealedFile[], files: string): Promise<Kept> {
  await writeFiles(files, own);
  return { lent: [], copied: own.map(({ path }) => path), bytes: 0 };
}
