import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../factory/config/config.ts';
import type { CommandRequest, CommandResult, Sandbox } from '../factory/ports.ts';
import { makeTemporaryFolder } from '../lib/temporary-folder.ts';
import { chooseMechanism, tryLaunch } from './mechanisms/choose.ts';
import { tryLayers } from './mechanisms/layers.ts';
import type { Inside, Launch, Mechanism } from './mechanisms/mechanism.ts';
import { allowed } from './mounts/environment.ts';
import type { GitSetting } from './mounts/git-settings.ts';
import type { Mount } from './mounts/mounts.ts';
import { repositoryMounts } from './mounts/repository.ts';
import { createSpecialFiles, type SpecialFiles } from './mounts/special-files.ts';
import { findSurroundings, type Surroundings } from './mounts/surroundings.ts';
import { createFiles, type LaunchIn, readOnlyMount } from './run/files.ts';
import { newMark } from './run/orphans.ts';
import { outputText } from './run/output-text.ts';
import { createPipes } from './run/pipes.ts';
import { capProcesses, sweepGroups, tasksOf } from './run/process-cap.ts';
import { runLaunch } from './run/run.ts';
import { commandProblem, limited, shellCommand } from './run/shell.ts';
import { createStarter } from './run/starter.ts';

export interface SandboxOptions {
  config: Config['sandbox'];
  /** Places that no command may see whatever contains them: `$DF_HOME` and the data folder. Absolute. */
  hidden: readonly string[];
  /** Whose commands they are: `endOrphans` asks for it. Missing: nobody's in particular. */
  home?: string;
  /** Default: the user's. */
  userHome?: string;
  /** Default: the process's environment. Only PATH and what `passEnv` names is used. */
  hostEnv?: Readonly<Record<string, string | undefined>>;
  platform?: NodeJS.Platform;
  /** What the factory's own git goes by and commands could not know. Default: nothing. */
  gitSettings?: readonly GitSetting[];
}

export interface HostSandbox extends Sandbox {
  /** For people: which mechanism, which variant. */
  readonly detail: string;
  /** Removes the private folder of this sandbox. No command may be running. */
  close(): void;
}

/**
 * The sandbox of this process, by the first mechanism that works here.
 *
 * Makes a private folder below the system's temporary one; `close` removes it, and so does the end of the process. What a
 * killed process left is removed by the next.
 *
 * @throws DarkFactoryError `environment`/`sandbox_missing`
 */
export async function createSandbox(options: SandboxOptions): Promise<HostSandbox> {
  const { config, hidden } = options;
  const hostEnv = options.hostEnv ?? process.env;
  const { folder, close } = makeTemporaryFolder('sandbox');
  try {
    const surroundings = await findSurroundings({
      config,
      hidden,
      hostEnv,
      folder,
      userHome: options.userHome ?? homedir(),
      node: process.execPath,
      gitSettings: options.gitSettings ?? [],
      uid: process.getuid?.() ?? ORDINARY_USER,
      gid: process.getgid?.() ?? ORDINARY_USER,
    });
    const mechanism = await chooseMechanism({
      mode: config.mode,
      platform: options.platform ?? process.platform,
      path: hostEnv['PATH'] ?? '',
      surroundings,
      folder,
    });
    if (surroundings.maxTasks === undefined) sweepGroups(new Date());
    const specialFiles = createSpecialFiles(surroundings.packages);
    return assemble(
      { home: options.home ?? '', config, folder, surroundings, mechanism, specialFiles },
      close,
    );
  } catch (error) {
    close();
    throw error;
  }
}

const ORDINARY_USER = 1_000;

interface Parts {
  home: string;
  config: Config['sandbox'];
  folder: string;
  surroundings: Surroundings;
  mechanism: Mechanism;
  specialFiles: SpecialFiles;
}

function assemble(parts: Parts, close: () => void): HostSandbox {
  const { config, mechanism } = parts;
  const pipes = createPipes(parts.folder);
  const starter = mechanism.name === 'bubblewrap' ? (createStarter() ?? undefined) : undefined;
  const launchIn: LaunchIn = async (inside) => {
    if (!buildsFileSystem(mechanism)) return mechanism.launch(inside);
    const masks = await parts.specialFiles.masks(inside.mounts);
    return mechanism.launch({ ...inside, mounts: [...inside.mounts, ...masks] });
  };
  return {
    mechanism: mechanism.name,
    detail: mechanism.detail,
    close() {
      starter?.close();
      close();
    },
    async run(request) {
      const started = performance.now();
      const problem = commandProblem(request.command);
      if (problem !== null) return notRun(request.outputFile, problem);
      const mark = newMark(parts.home);
      const outcome = await runLaunch(pipes, {
        launch: capped(
          parts,
          await launchIn({ ...commandInside(parts, request, mark), report: starter !== undefined }),
        ),
        starter,
        ownProcesses: mechanism.ownProcesses,
        mark,
        limits: config,
        disk:
          request.readOnly === true ? undefined : { folder: request.worktree, reserve: config.diskReserve },
        timeoutMs: request.timeoutMs,
        outputFile: request.outputFile,
        outputSize: config.outputSize,
        signal: request.signal,
      });
      const { captured } = outcome;
      return {
        exitCode: outcome.exitCode,
        ended: outcome.ended,
        durationMs: Math.round(performance.now() - started),
        output: outputText(captured),
        outputBytes: captured.bytes,
        truncated: captured.kept < captured.bytes,
        outputHash: captured.hash,
      } satisfies CommandResult;
    },
    layers: layersOf(parts),
    ...createFiles({ ...parts, launchIn, canMount: buildsFileSystem(mechanism) }),
  };
}

/**
 * Tried once for each folder: neither kernel nor file system changes meanwhile. A trial that did not get to an answer (a full disk or
 * machine) says nothing: the way without layers is taken, and the next who asks tries again.
 */
function layersOf({ mechanism, surroundings }: Parts): Sandbox['layers'] {
  const known = new Map<string, Promise<boolean>>();
  const tryOnce = async (folder: string): Promise<boolean> => {
    let passes = false;
    const succeeds = async (launch: Launch) => {
      const problem = await tryLaunch(launch);
      passes = problem?.passes === true;
      return problem === null;
    };
    try {
      return await tryLayers(mechanism, surroundings.mounts, folder, succeeds);
    } catch {
      passes = true;
      return false;
    } finally {
      if (passes) known.delete(folder);
    }
  };
  return (folder) => {
    if (!mechanism.layers) return Promise.resolve(false);
    const tried = known.get(folder) ?? tryOnce(folder);
    known.set(folder, tried);
    return tried;
  };
}

/** Where the kernel does not count processes by sandbox, they are counted by control group. */
function capped({ surroundings, config }: Parts, launch: Launch): Launch {
  return surroundings.maxTasks === undefined ? capProcesses(launch, tasksOf(config.maxProcesses)) : launch;
}

/** A command line that no shell could be given, as a result that says so. */
async function notRun(outputFile: string, problem: string): Promise<CommandResult> {
  await writeFile(outputFile, problem, { mode: 0o600 });
  return {
    exitCode: 126,
    ended: 'exit',
    durationMs: 0,
    output: problem,
    outputBytes: Buffer.byteLength(problem),
    truncated: false,
    outputHash: createHash('sha256').update(problem).digest('hex'),
  };
}

function commandInside(
  { config, folder, surroundings, mechanism }: Parts,
  request: CommandRequest,
  mark: string,
): Inside {
  const network = request.network ?? false;
  const { worktree, gitDir } = request;
  const moves = buildsFileSystem(mechanism);
  const appearsAt = moves ? (request.appearsAt ?? worktree) : worktree;
  const readOnly = request.readOnly ?? false;
  const view = { worktree, gitDir, readOnly, privateFolder: folder, asItIs: !moves };
  const places = moves ? [...new Set([appearsAt, request.alsoAt ?? appearsAt])] : [appearsAt];
  return {
    mounts: [
      ...surroundings.mounts,
      ...(network ? surroundings.networkMounts : surroundings.cacheMounts),
      ...places.flatMap((place) => [
        ...repositoryMounts({ ...view, appearsAt: place }),
        ...(moves ? placesIn(place, request, config.tmpSize) : []),
      ]),
    ],
    cwd: appearsAt,
    network,
    env: { ...surroundings.env, ...allowed(request.env ?? {}), ...Object.fromEntries([mark.split('=', 2)]) },
    argv: limited(shellCommand(surroundings.shell, request.command), {
      fileSize: config.fileSize,
      maxTasks: surroundings.maxTasks,
    }),
  };
}

function buildsFileSystem({ name }: Mechanism): boolean {
  return name === 'bubblewrap' || name === 'unshare';
}

/** What a command finds below its worktree that does not lie there. */
function placesIn(
  place: string,
  { worktree, readOnlyMounts = [], scratchFolders = [] }: CommandRequest,
  bytes: number,
): Mount[] {
  return [
    ...readOnlyMounts.map((each) => readOnlyMount(worktree, each, place)),
    ...scratchFolders.map((path): Mount => ({ kind: 'scratch', target: join(place, path), bytes })),
  ];
}
