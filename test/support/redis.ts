import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, connect as open } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.ts';

export interface TestRedis {
  /** `redis://127.0.0.1:<port>`; the same after `restart`. */
  url: string;
  port: number;
  /** The same server on a Unix socket. */
  socket: string;
  folder: string;
  /** The id of the server that runs now. */
  pid(): number;
  /** Ends it in order (with `persistence` nothing is lost) and removes its folder. */
  stop(): Promise<void>;
  /** Ends it in order, or by `signal`, waits `downMs`, and starts it again with the same files. */
  restart(options?: { signal?: NodeJS.Signals; downMs?: number }): Promise<void>;
  /** SIGKILL. `start` or `stop` follows. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

export interface TestRedisOptions {
  /** `aof`: as the embedded one; `none` (default): an empty server after every start. */
  persistence?: 'aof' | 'none';
  /** More arguments, for example `['--maxmemory', '4mb']`. */
  args?: string[];
}

/** A private Redis of its own folder, on loopback and on a Unix socket, up when this resolves. */
export async function startRedis(options: TestRedisOptions = {}): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'redis-'));
  const socket = join(folder, 's');
  const port = await freePort();
  const keep = options.persistence === 'aof';
  const args = [
    ...['--port', String(port), '--bind', '127.0.0.1', '--unixsocket', 's', '--dir', '.', '--save', ''],
    ...['--appendonly', keep ? 'yes' : 'no', '--maxmemory-policy', 'noeviction', ...(options.args ?? [])],
  ];
  let server: ChildProcess | null = null;

  async function start(): Promise<void> {
    const started = spawn('redis-server', args, { cwd: folder, stdio: 'ignore' });
    server = started;
    await until(
      () => {
        if (started.exitCode !== null) throw new Error(`redis-server ended with ${started.exitCode}`);
        return answers(port);
      },
      15_000,
      'redis-server answers',
    );
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = server;
    server = null;
    if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = once(ending, 'exit');
    ending.kill(signal);
    // A frozen server takes no SIGTERM.
    ending.kill('SIGCONT');
    await exited;
  }

  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    socket,
    folder,
    pid() {
      if (server?.pid === undefined) throw new Error('this Redis is down');
      return server.pid;
    },
    async stop() {
      await end('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
    async restart({ signal = 'SIGTERM', downMs = 0 } = {}) {
      await end(signal);
      await new Promise((resolve) => setTimeout(resolve, downMs));
      await start();
    },
    kill: () => end('SIGKILL'),
    start,
  };
}

/** A loopback port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const client = open(port, '127.0.0.1');
    const end = (answer: boolean) => {
      client.destroy();
      resolve(answer);
    };
    client.once('error', () => end(false));
    client.once('data', (data) => end(/^(\+PONG|-NOAUTH)/.test(data.toString())));
    client.setTimeout(1_000, () => end(false));
    client.write('PING\r\n');
  });
}
