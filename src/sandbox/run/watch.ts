import { writeFileSync } from 'node:fs';
import { always, orNullSync } from '../../lib/errno.ts';
import { heldMemory, mostUnseen } from './held-memory.ts';
import { proportionalMemory, type TreeUse, treeUse } from './process-tree.ts';
import { NICENESS } from './shell.ts';

/** Short commands, most of all, are never looked at. Milliseconds. */
const FIRST_LOOK = 50;
const SLOWEST = 200;
/** With so many processes it is looked at as often as at the start. */
const MANY = 32;

export interface TreeLimits {
  maxProcesses: number;
  /** Bytes of the whole tree. */
  memory: number;
}

/**
 * Watches a tree of processes and tells once when it is over a limit. Linux only; elsewhere nothing is watched.
 *
 * @param root its descendants are watched, not itself
 * @param spare processes of the sandbox itself, which do not count
 * @returns stops watching
 */
export function watchTree(
  root: number,
  spare: number,
  limits: TreeLimits,
  exceeded: (limit: 'memory' | 'processes') => void,
): () => void {
  if (process.platform !== 'linux') return () => undefined;
  let pause = FIRST_LOOK;
  let timer = setTimeout(look, pause);
  let first = true;
  let stopped = false;
  let weighing = false;

  function look(): void {
    const use = treeUse(root, limits.maxProcesses + spare + 1);
    const limit = limitExceeded(use, spare, limits);
    if (limit !== null) {
      stop();
      exceeded(limit);
      return;
    }
    if (first) use.pids.forEach(yieldToFactory);
    first = false;
    if (!weighing && use.rss + mostUnseen() > limits.memory) void weigh(use.pids);
    pause = use.pids.length > MANY ? FIRST_LOOK : Math.min(SLOWEST, pause * 2);
    timer = setTimeout(look, pause);
  }

  /** Not within the look: a command may have millions of pieces of memory, and the factory is not to stand still for them. */
  async function weigh(pids: readonly number[]): Promise<void> {
    weighing = true;
    // What cannot be read tells nothing; the looks go on.
    const held = await heldMemory(pids).catch(() => 0);
    weighing = false;
    if (stopped || held <= limits.memory) return;
    stop();
    exceeded('memory');
  }

  function stop(): void {
    stopped = true;
    clearTimeout(timer);
  }

  return stop;
}

function limitExceeded(use: TreeUse, spare: number, limits: TreeLimits): 'memory' | 'processes' | null {
  if (use.pids.length - spare > limits.maxProcesses) return 'processes';
  if (use.rss > limits.memory && proportionalMemory(use.pids) > limits.memory) return 'memory';
  return null;
}

/**
 * When memory runs out, the kernel is to end a command and not the factory; and a session that the kernel gives a processor
 * share of its own, whatever the niceness in it, stands back as a whole. Children inherit both. Short commands are not worth
 * the writes, and /proc is read-only inside.
 */
function yieldToFactory(pid: number): void {
  // It may have ended already, or it is not permitted here: then it is as likely a victim as any other process.
  orNullSync(() => writeFileSync(`/proc/${pid}/oom_score_adj`, '1000'), always);
  orNullSync(() => writeFileSync(`/proc/${pid}/autogroup`, String(NICENESS)), always);
}
