/** What pages that are open cost those who work, and how late a person sees what happened. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { programsOnPath } from '../src/lib/process/programs.ts';
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
  /** With a token. */
  link: string;
  pid: number;
  bearer: Record<string, string>;
  stop(): Promise<void>;
}

/** Open pages as the server sees them: the stream with its rows, and what is asked for once. */
export const pages = (count: number) =>
  measurePages(count, async (board, late) => {
    const ended = new AbortController();
    const streams = Array.from({ length: count }, (_, index) =>
      follow(board, ended.signal, index === 0 ? late : null),
    );
    return async () => {
      ended.abort();
      await Promise.allSettled(streams);
    };
  });

/** The same with a browser: so many people who each look at the overview. What they see is told as well. */
export async function tabs(count: number): Promise<void> {
  const [executablePath = ''] = programsOnPath('chromium', process.env['PATH']);
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  const shown: number[] = [];
  const seen: Seen[] = [];
  try {
    await measurePages(count, async (board, late, { scenario }) => {
      const opened: BrowserContext[] = [];
      for (let index = 0; index < count; index += 1) {
        const context = await browser.newContext();
        const page = await context.newPage();
        shown.push(
          await timed(async () => {
            await page.goto(board.link);
            await page.getByText('live', { exact: true }).waitFor();
            await page.getByText('Loading…').waitFor({ state: 'detached' });
          }),
        );
        opened.push(context);
        if (index === 0) await noteProved(page, seen);
      }
      return async (ids) => {
        const logs = await Promise.all(ids.map((id) => scenario.events(id)));
        const ends = logs.flat().filter(({ type }) => type === 'project.completed');
        late.push(
          ...lateness(
            seen,
            ends.map(({ timestamp }) => Date.parse(timestamp)),
          ),
        );
        await Promise.all(opened.map((context) => context.close()));
      };
    });
  } finally {
    await browser.close();
  }
  table(`The overview in ${count} tabs`, [
    ['shown and live, the first', ms(shown[0] ?? 0), ''],
    ['shown and live, the usual one', ms(median(shown)), ''],
  ]);
}

interface Seen {
  proved: number;
  at: number;
}

/** Notes when the screen says that so many are proved. */
async function noteProved(page: Page, seen: Seen[]): Promise<void> {
  await page.exposeFunction('noteProved', (each: Seen) => seen.push(each));
  await page.evaluate(`(() => {
    let last;
    const look = () => {
      const proved = Number(document.querySelector('#group-proved small').textContent);
      if (proved !== last) requestAnimationFrame(() => noteProved({ proved, at: Date.now() }));
      last = proved;
    };
    look();
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
  })()`);
}

/** Milliseconds from each end in the log to the first screen that counts it. */
function lateness(seen: readonly Seen[], ends: readonly number[]): number[] {
  const first = seen[0]?.proved ?? 0;
  const sorted = ends.toSorted((a, b) => a - b);
  return sorted.flatMap((end, index) => {
    const at = seen.find(({ proved }) => proved - first > index)?.at;
    return at === undefined ? [] : [at - end];
  });
}

/** Opens pages, and gives back how to close them. `late` takes how late what happened came, in milliseconds. */
type Open = (
  board: Board,
  late: number[],
  factory: Factory,
) => Promise<(ids: readonly string[]) => Promise<void>>;

async function measurePages(count: number, open: Open): Promise<void> {
  const factory = await openFactory(TURNS, 0, THINK_MS);
  await asInLife(factory);
  await fill(factory, PROJECTS - AT_WORK);
  const board = await openBoard(factory);
  const get = (path: string) => fetch(`${board.url}/api/v1${path}`, { headers: board.bearer });
  const size = (await (await get('/overview')).text()).length;
  const overview = await repeated(7, async () => (await get('/overview')).text());
  const worker = await factory.scenario.worker();
  const rounds = [];
  for (const each of [async () => async () => {}, open])
    rounds.push(await round(factory, board, worker.pid, each));
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

async function round(factory: Factory, board: Board, worker: number, open: Open): Promise<Round> {
  const late: number[] = [];
  const close = await open(board, late, factory);
  const before = { server: cpuNow([board.pid]), worker: cpuNow([worker]) };
  const ids = await startProjects(factory, AT_WORK);
  const time = await timed(() => allEnded(factory, ids));
  const server = cpuBetween(before.server, cpuNow([board.pid]));
  const own = cpuBetween(before.worker, cpuNow([worker]));
  const elapsed = performance.now() - before.server.at;
  await close(ids);
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
    link: url,
    pid: child.pid ?? 0,
    bearer: { authorization: `Bearer ${searchParams.get('token')}` },
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
