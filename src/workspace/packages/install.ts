import { lstat, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isInstalled } from '../../factory/gates/ecosystems/installed.ts';
import { RESOLVED_REQUIREMENTS } from '../../factory/gates/ecosystems/python.ts';
import { setupAdvice } from '../../factory/gates/ecosystems/setup-advice.ts';
import type { FoundCommand } from '../../factory/gates/ecosystems/types.ts';
import { isLockFile } from '../../factory/gates/pins/definitions.ts';
import type { Project } from '../../factory/model/project.ts';
import type { SealedFile } from '../../factory/model/sealing/sealed.ts';
import type { ScratchContent } from '../../factory/ports/workspace.ts';
import type { CommandRequest, Sandbox } from '../../factory/ports.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { shellQuote } from '../../lib/text/shell-quote.ts';
import type { WorkspaceDeps } from '../deps.ts';
import { copyInto, isThere, moveTree } from '../files.ts';
import type { BareTrees } from '../trees/bare-trees.ts';
import { writeFiles } from '../trees/write-files.ts';
import { movesTrees } from './read-only-mounts.ts';
import type { Kept, SetupEntry } from './setup-cache.ts';
import { OWN_CACHES, setupVariables, TOOL_PLACE, withManagersKept } from './tool-places.ts';

export type InstallDeps = Pick<WorkspaceDeps, 'state' | 'sandbox'> & {
  git: Pick<WorkspaceDeps['git'], 'listUntracked'>;
  bare: BareTrees;
  /** The set-up may use the network. */
  setupNetwork: boolean;
  setupTimeoutMs: number;
};

export interface Installation {
  from: ScratchContent;
  setup: FoundCommand;
  own: readonly SealedFile[];
  files: string;
  signal: AbortSignal | undefined;
  /** What the set-up made of the base commit, where this is for other content. */
  first: SetupEntry | null;
}

const IGNORES_ALL = {
  path: `${TOOL_PLACE}/.gitignore`,
  executable: false,
  content: Buffer.from('*\n'),
};

type Request = Pick<CommandRequest, 'worktree' | 'appearsAt' | 'gitDir'>;

/** Runs the set-up where no agent was, and moves what it made to `files`. */
export async function installIn(deps: InstallDeps, project: Project, order: Installation): Promise<Kept> {
  const sandbox = await deps.sandbox();
  const { folder, remove } = await deps.bare.make(project, order.from);
  try {
    await writeFiles(folder, order.own);
    for (const path of order.first?.kept.resolved ?? [])
      await copyInto(resolvedPlace(order.first?.files ?? '', path), folder, path);
    const place = movesTrees(sandbox) ? project.worktreePath : folder;
    const request = { worktree: folder, appearsAt: place, gitDir: project.gitDir };
    await runSetup(deps, sandbox, project, order, { ...request, env: setupVariables(place) });
    const made = (await deps.git.listUntracked(project.repository, folder)).map((path) =>
      path.replace(/\/$/, ''),
    );
    const resolved = order.setup.unlocked ? made.filter(isResolved) : [];
    const paths = made.filter((path) => !resolved.includes(path));
    if (made.length === 0) return { lent: [], copied: [], bytes: 0 };
    if (paths.includes(TOOL_PLACE)) await writeFiles(folder, [IGNORES_ALL]);
    const named = await namesPlace(deps, sandbox, project, { ...request, paths, place });
    for (const path of paths) {
      await mkdir(dirname(join(order.files, path)), { recursive: true });
      await moveTree(join(folder, path), join(order.files, path));
    }
    for (const path of resolved) {
      await mkdir(resolvedPlace(order.files, ''), { recursive: true });
      await moveTree(join(folder, path), resolvedPlace(order.files, path));
    }
    const lent: string[] = [];
    // A link that a script of a package made would lead out of the cache, where the host follows it.
    for (const path of paths.filter(isInstalled))
      if (!(await lstat(join(order.files, path))).isSymbolicLink()) lent.push(path);
    await makeCachePlaces(order.files, lent);
    return {
      lent,
      copied: paths.filter((path) => !lent.includes(path)),
      ...(named ? { place } : {}),
      ...(resolved.length === 0 ? {} : { resolved }),
      bytes: 0,
    };
  } finally {
    await remove();
  }
}

/** At the root alone: below it they belong to packages. */
function isResolved(path: string): boolean {
  return !path.includes('/') && (path === RESOLVED_REQUIREMENTS || isLockFile(path));
}

/** Beside what is lent and copied. */
const resolvedPlace = (files: string, path: string): string => join(files, '.resolved', path);

async function runSetup(
  deps: InstallDeps,
  sandbox: Sandbox,
  project: Project,
  { setup, signal }: Installation,
  request: Request & Pick<CommandRequest, 'env'>,
): Promise<void> {
  const { file, relative } = await deps.state.newOutput(project.id, 'setup');
  const result = await sandbox.run({
    ...request,
    command: withManagersKept(setup.command),
    network: deps.setupNetwork,
    timeoutMs: deps.setupTimeoutMs,
    outputFile: file,
    ...(signal === undefined ? {} : { signal }),
  });
  signal?.throwIfAborted();
  if (result.ended === 'exit' && result.exitCode === 0) return;
  const how = result.ended === 'exit' ? `exit code ${result.exitCode ?? 'none'}` : `ended by ${result.ended}`;
  const said = lastLines(result.output);
  const message = [
    `The set-up "${setup.command}" (from ${setup.source}) failed in a clean tree: ${how}, output in ${relative}.`,
    setupAdvice(setup.command, result),
    setup.unlocked
      ? 'It installs what is declared, for there is no lock file; --no-setup does without.'
      : null,
    said === '' ? null : `It ended with: ${said}`,
  ];
  throw new DarkFactoryError(
    'environment',
    'setup_failed',
    message.filter((part) => part !== null).join(' '),
    'Run it by hand on the base commit. It has the network only if sandbox.setupNetwork is true in config.yaml.',
  );
}

/** The end of an output in one line. */
function lastLines(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '' && !line.includes('complete log of this run'))
    .slice(-4)
    .join(' / ')
    .slice(-400);
}

/** Scripts of a Python environment, for example, begin with the place that they were installed at. */
async function namesPlace(
  deps: InstallDeps,
  sandbox: Sandbox,
  project: Project,
  { paths, place, ...request }: Request & { paths: readonly string[]; place: string },
): Promise<boolean> {
  const { file } = await deps.state.newOutput(project.id, 'setup-place');
  const [pattern, ...rest] = [place, ...paths].map(shellQuote);
  const result = await sandbox.run({
    ...request,
    command: `grep -rqsF -e ${pattern} -- ${rest.join(' ')}`,
    readOnly: true,
    timeoutMs: deps.setupTimeoutMs,
    outputFile: file,
  });
  await rm(file, { force: true });
  return result.exitCode === 0;
}

/** Tools write their caches among the packages; where these are read-only, a mount needs a place. */
async function makeCachePlaces(files: string, lent: readonly string[]): Promise<void> {
  for (const path of lent) {
    if (!path.endsWith('node_modules')) continue;
    for (const cache of OWN_CACHES) {
      const place = join(files, path, cache);
      if (!(await isThere(place))) await mkdir(place);
    }
  }
}
