/** Keeps the machine from sleeping while there is work (`keepAwake` of config.yaml). */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Project } from '../factory/model/project.ts';

export interface KeepAwake {
  /** Begins or ends it as the projects ask for. */
  look(projects: readonly Pick<Project, 'status'>[]): void;
  close(): void;
}

export interface KeepAwakeDeps {
  platform: NodeJS.Platform;
  env: NodeJS.ProcessEnv;
  /** This process: what holds the machine awake ends with it, however that is. */
  pid: number;
  /** Told once; the machine may then sleep. */
  onProblem(problem: string): void;
}

/** A paused project waits for a person, who would wake the machine. */
const AT_WORK: ReadonlySet<string> = new Set(['active', 'waiting_for_credits']);
const WHY = 'Dark Factory works on your projects';

export function createKeepAwake({ platform, env, pid, onProblem }: KeepAwakeDeps): KeepAwake {
  let holder: ChildProcess | null = null;
  let failed = false;

  function hold(): void {
    const [program = '', ...args] = commandOf(platform, pid);
    // Not in the group of a terminal, whose Ctrl-C is for the worker.
    const child = spawn(program, args, { env, detached: true, stdio: ['pipe', 'ignore', 'pipe'] });
    holder = child;
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString('utf8')).slice(-500);
    });
    const end = (problem: string) => {
      if (holder !== child) return;
      holder = null;
      failed = true;
      onProblem(`the machine may sleep although keepAwake is set: ${problem}`);
    };
    child.once('error', ({ message }) => end(message));
    child.once('exit', (code) => end(said.trim() || `${program} ended with ${code}`));
    child.stdin?.on('error', () => undefined);
    child.unref();
  }

  function letGo(): void {
    const child = holder;
    holder = null;
    child?.stdin?.destroy();
    child?.kill();
  }

  return {
    look(projects) {
      const wanted = projects.some(({ status }) => AT_WORK.has(status));
      if (wanted && holder === null && !failed) hold();
      if (!wanted) letGo();
    },
    close: letGo,
  };
}

/** On Linux it holds as long as its input is open, which ends with this process; on macOS it watches the process. */
function commandOf(platform: NodeJS.Platform, pid: number): string[] {
  if (platform === 'darwin') return ['caffeinate', '-i', '-w', String(pid)];
  return ['systemd-inhibit', '--what=sleep', '--who=Dark Factory', `--why=${WHY}`, '--mode=block', 'cat'];
}
