import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Holder } from '../../factory/agent/journal.ts';
import { setupCommand } from '../../factory/gates/commands.ts';
import { isDefinition } from '../../factory/gates/definitions.ts';
import type { ScratchContent, ScratchTree, ScratchTrees } from '../../factory/gates/scratch.ts';
import type { GitManager, Sandbox, StateStore } from '../../factory/ports.ts';
import type { Project } from '../../factory/project/project.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { copyInto, keep, type Kept, lend, makePlaces, readKept } from './dependencies.ts';

export interface ScratchHands {
  git: GitManager;
  state: Pick<StateStore, 'newOutput'>;
  sandbox(): Promise<Sandbox>;
  /** `data/scratch`. */
  root: string;
  /** The set-up may use the network. */
  setupNetwork: boolean;
  setupTimeoutMs: number;
  holder(): Promise<Holder>;
  isDead(holder: Holder): Promise<boolean>;
}

/** Who made a scratch tree, so that others can tell whether it was left behind. */
const owner = z.object({
  holder: z.object({ host: z.string(), pid: z.number(), startedAt: z.string() }),
  repository: z.string(),
});

/** pytest then names the tests that passed, too; without it only those that failed. */
const ENVIRONMENT = { PYTEST_ADDOPTS: '-rfEsxXp' };

/**
 * Below `root/<project id>`: a folder with `owner.json` and the tree itself for each scratch tree, and `dependencies-<key>`.
 */
export function createScratchTrees(hands: ScratchHands): ScratchTrees {
  const { git, root } = hands;
  const folderOf = (projectId: string) => join(root, projectId);

  async function make(project: Project, content: ScratchContent): Promise<Bare> {
    await sweep(hands, folderOf(project.id));
    const name = randomBytes(8).toString('hex');
    const place = join(folderOf(project.id), `tree-${name}`);
    const folder = join(place, `scratch-${name}`);
    await mkdir(place, { recursive: true, mode: 0o700 });
    const made = { holder: await hands.holder(), repository: project.repository };
    await writeFile(join(place, 'owner.json'), JSON.stringify(made));
    const remove = () => removeTree(git, place, project.repository);
    try {
      const { commit, over = [], texts = {} } = content;
      await git.createScratchTree({ repository: project.repository, folder, commit, over, texts });
    } catch (error) {
      await remove();
      throw error;
    }
    return { folder, remove };
  }

  async function dependencies(project: Project, content: ScratchContent) {
    const store = join(folderOf(project.id), `dependencies-${content.dependencies ?? 'base'}`);
    const kept = (await readKept(store)) ?? (await install(project, content, store));
    return { store, kept };
  }

  /** Runs the set-up where no agent was. */
  async function install(project: Project, content: ScratchContent, store: string): Promise<Kept> {
    const setup = await setupCommand(git, project);
    if (setup === null) return keep('', [], store);
    const from = content.dependencies === undefined ? { commit: project.baseCommit } : content;
    const { folder, remove } = await make(project, from);
    try {
      const { file, relative } = await hands.state.newOutput(project.id, 'setup');
      const sandbox = await hands.sandbox();
      const result = await sandbox.run({
        command: setup.command,
        worktree: folder,
        appearsAt: project.worktreePath,
        gitDir: project.gitDir,
        network: hands.setupNetwork,
        timeoutMs: hands.setupTimeoutMs,
        outputFile: file,
      });
      if (result.ended !== 'exit' || result.exitCode !== 0) throw setupFailed(setup.command, relative);
      return await keep(folder, await git.listUntracked(project.repository, folder), store);
    } finally {
      await remove();
    }
  }

  return {
    async create(project, content) {
      const { store, kept } = await dependencies(project, content);
      const { folder, remove } = await make(project, content);
      try {
        const { mechanism } = await hands.sandbox();
        const moves = mechanism === 'bubblewrap' || mechanism === 'unshare';
        if (moves) await makePlaces(store, kept.lent, folder);
        await copyInto(store, moves ? kept.copied : [...kept.copied, ...kept.lent], folder);
      } catch (error) {
        await remove();
        throw error;
      }
      return ready(hands, project, folder, lend(store, kept), remove);
    },
    async keepDependencies(project) {
      const store = join(folderOf(project.id), 'dependencies-base');
      if ((await readKept(store)) !== null) return;
      const { repository, worktreePath } = project;
      await mkdir(folderOf(project.id), { recursive: true, mode: 0o700 });
      await keep(worktreePath, await git.listUntracked(repository, worktreePath), store);
    },
    async removeAll({ id, repository }) {
      const folder = folderOf(id);
      for (const place of await treesIn(folder)) await removeTree(git, place, repository);
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

interface Bare {
  folder: string;
  remove(): Promise<void>;
}

function ready(
  { git, state, sandbox }: ScratchHands,
  project: Project,
  folder: string,
  lent: ReturnType<typeof lend>,
  remove: () => Promise<void>,
): ScratchTree {
  const place = { worktree: folder, appearsAt: project.worktreePath, gitDir: project.gitDir, ...lent };
  return {
    folder,
    place,
    remove,
    async run({ command, label, timeoutMs, signal }) {
      const { file, relative } = await state.newOutput(project.id, label);
      const result = await (await sandbox()).run({
        ...place,
        command,
        env: ENVIRONMENT,
        timeoutMs,
        outputFile: file,
        signal,
      });
      return { result, relative };
    },
    restore: () => git.restoreScratchTree(project.repository, folder, isDefinition),
  };
}

/** Removes trees whose worker died. */
async function sweep({ git, isDead }: ScratchHands, folder: string): Promise<void> {
  for (const place of await treesIn(folder)) {
    const made = await ownerOf(place);
    if (made !== null && (await isDead(made.holder))) await removeTree(git, place, made.repository);
  }
}

async function removeTree(git: GitManager, place: string, repository: string): Promise<void> {
  for (const name of await namesIn(place))
    if (name.startsWith('scratch-')) await git.removeScratchTree(repository, join(place, name));
  await rm(place, { recursive: true, force: true, maxRetries: 3 });
}

async function treesIn(folder: string): Promise<string[]> {
  const names = await namesIn(folder);
  return names.filter((name) => name.startsWith('tree-')).map((name) => join(folder, name));
}

async function namesIn(folder: string): Promise<string[]> {
  return (await orNull(readdir(folder))) ?? [];
}

/** `null` for a place that is just being made, or was when its worker died; the project's end removes those. */
async function ownerOf(place: string): Promise<z.infer<typeof owner> | null> {
  const text = await orNull(readFile(join(place, 'owner.json'), 'utf8'));
  if (text === null || !text.endsWith('}')) return null;
  return owner.parse(JSON.parse(text));
}

async function orNull<T>(read: Promise<T>): Promise<T | null> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

function setupFailed(command: string, output: string): DarkFactoryError {
  return new DarkFactoryError(
    'environment',
    'setup_failed',
    `The set-up "${command}" failed in a clean tree; its output is in ${output}.`,
    'Run it by hand on the base commit. It has the network only if sandbox.setupNetwork is true in config.yaml.',
  );
}
