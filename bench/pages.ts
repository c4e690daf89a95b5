/** What pages that are open cost those who work, and how late a person sees what happened. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { cpuBetween, cpuNow } from './cpu.ts';
import { allEnded, asInLife, type Factory, openFactory, startProjects } from './factory.ts';
import { median, ms, repeated, table, timed } from './measure.ts';
import { fill } from './scale.ts';

const PROGRAM = fileURLToPath(new URL('../dist/bin/df.js', import.meta.url));
const PROJECTS = 1_000;
const AT_WORK = 20;
/** Turns of each project at work, and how long its model thinks: about as in life, where a turn takes some ten seconds. */
const TURNS = 8;
const THINK_MS = 2_000;

interface Board {
  url: string;
  pid: number;
  bearer: Record<string, string>;
  stop(): Promise<void>;
}

/** Open pages as the server sees them: the stream with its rows, and what is asked for once. */
export async function pages(count: number): Promise<void> {
  const factory = await openFactory(TURNS, 0, THINK_MS);
  await asInLife(factory);
  await fill(factory, PROJECTS - AT_WORK);
  const board = await openBoard(factory);
  const get = (path: string) => fetch(`${board.url}/api/v1${path}`, { headers: board.bearer });
  const size = (await (await get('/overview')).text()).length;
  const overview = await repeated(7, async () => (await get('/overview')).text());
  const worker = await factory.scenario.worker();
  const rounds = [];
  for (const open of [0, count]) rounds.push(await round(factory, board, worker.pid, open));
  const [without, with_] = rounds;
  const body = await timed(async () => {
    const answer = await fetch(`${board.url}/api/v1/projects`, {
      method: 'POST',
      headers: board.bearer,
      body: `{"name":"${'x'.repeat(10 * 1024 * 1024)}"}`,
    }).catch(() => ({ status: 413 }));
    if (answer.status !== 413) throw new Error(`a body of 10 MB was answered with ${answer.status}`);
  });
  table(`${PROJECTS} projects of which ${AT_WORK} work`, [
    ['', 'no page', `${count} pages`, 'ratio'],
    ['CPU of the server, of one core', share(without?.server), share(with_?.server), ''],
    [
      'CPU of the worker',
      ms(without?.worker ?? 0),
      ms(with_?.worker ?? 0),
      ((with_?.worker ?? 0) / (without?.worker ?? 1)).toFixed(2),
    ],
    [
      'time of the work',
      ms(without?.time ?? 0),
      ms(with_?.time ?? 0),
      ((with_?.time ?? 0) / (without?.time ?? 1)).toFixed(2),
    ],
  ]);
  const late = with_?.late.sort((a, b) => a - b) ?? [];
  table('What a person waits for', [
    ['the document of the overview', ms(median(overview)), `${Math.round(size / 1_024)} KB`],
    [
      'an event, from its writing to an open page',
      ms(median(late)),
      `95 of 100 within ${ms(late[Math.floor(late.length * 0.95)] ?? 0)}, ${late.length} events`,
    ],
    ['the refusal of a body of 10 MB', ms(body)],
  ]);
  await board.stop();
  await factory.close();
}

const share = (of = 0) => `${(of * 100).toFixed(1)} %`;

interface Round {
  /** Milliseconds, and of the server a share of one core. */
  time: number;
  server: number;
  worker: number;
  late: number[];
}

async function round(factory: Factory, board: Board, worker: number, open: number): Promise<Round> {
  const ended = new AbortController();
  const late: number[] = [];
  const streams = Array.from({ length: open }, (_, index) =>
    follow(board, ended.signal, index === 0 ? late : null),
  );
  const before = { server: cpuNow([board.pid]), worker: cpuNow([worker]) };
  const ids = await startProjects(factory, AT_WORK);
  const time = await timed(() => allEnded(factory, ids));
  const server = cpuBetween(before.server, cpuNow([board.pid]));
  const own = cpuBetween(before.worker, cpuNow([worker]));
  const elapsed = performance.now() - before.server.at;
  ended.abort();
  await Promise.allSettled(streams);
  return { time, server: server.own / elapsed, worker: own.own + own.children, late };
}

async function follow(board: Board, signal: AbortSignal, late: number[] | null): Promise<void> {
  const { body } = await fetch(`${board.url}/api/v1/events?rows=true`, { headers: board.bearer, signal });
  let rest = '';
  for await (const chunk of body ?? []) {
    if (late === null) continue;
    const parts = `${rest}${Buffer.from(chunk).toString('utf8')}`.split('\n\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const [, data] = /^id: .*\ndata: (.*)$/.exec(part) ?? [];
      if (data === undefined) continue;
      const { timestamp } = JSON.parse(data) as { timestamp: string };
      late.push(Date.now() - Date.parse(timestamp));
    }
  }
}

async function openBoard({ scenario }: Factory): Promise<Board> {
  const env = { ...scenario.env, DF_HOME: scenario.home };
  const child = spawn(process.execPath, [PROGRAM, 'board', '--writable', '--port', '0', '--json'], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const url = await new Promise<string>((resolve) => {
    let text = '';
    child.stdout.on('data', (part: Buffer) => {
      text += part.toString('utf8');
      if (text.includes('}')) resolve((JSON.parse(text) as { url: string }).url);
    });
  });
  const { origin, searchParams } = new URL(url);
  return {
    url: origin,
    pid: child.pid ?? 0,
    bearer: { authorization: `Bearer ${searchParams.get('token')}` },
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
