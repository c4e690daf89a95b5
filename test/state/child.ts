/**
 * A process of the state tests. Says `ready` when it begins, then one line per thing that is done for good.
 * What a mode alone needs it loads itself: most of hundreds of these live shorter than all of it takes to load.
 * Modes: `together` makes three projects in the home `file` and is killed at its rename number `amount`; `replace`, `append` and `both` go on until killed; `count`, `steps`, `guarded` and `fill` end by themselves; `hold` waits.
 */
import fs, { readdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DarkFactoryError } from '../../src/lib/failure.ts';
import { createProcesses } from '../../src/lib/process/process.ts';
import { createDocument } from '../../src/state/documents/document.ts';
import { createLog } from '../../src/state/logs/log-store.ts';
import { EMPTY_PILE, type Pile, pile, stateDeps, stone, stoneChain } from './support.ts';

const [mode = '', file = '', amount = '0'] = process.argv.slice(2);
const times = Number(amount);
const say = (line: string | number): void => void process.stdout.write(`${line}\n`);
const deps = stateDeps();
const processes = createProcesses();
const document = createDocument<Pile>(deps, { file, schema: pile, initial: EMPTY_PILE });

/** A pile whose every stone bears the version it belongs to, so that a mix of two versions shows. */
const restack = (now: Pile): Pile => {
  const version = now.version + 1;
  return {
    ...now,
    stones: Array.from({ length: 1 + (version % 7) * 40 }, () => `v${version} ${'x'.repeat(60)}`),
  };
};

async function guarded(): Promise<void> {
  await deps.locks.withLock(file, async () => {
    const inside = `${file}.inside`;
    const before = await readFile(inside, 'utf8').catch(() => '');
    if (before !== '' && (await isAlive(Number(before))))
      say(`VIOLATION: ${before} is inside, and ${process.pid}`);
    await writeFile(inside, String(process.pid));
    const count = Number(await readFile(file, 'utf8').catch(() => '0'));
    await sleep(Math.random() * 2);
    await writeFile(`${file}.next`, String(count + 1));
    await rename(`${file}.next`, file);
    await unlink(inside);
  });
}

/** Killed but not yet reaped is not alive, though it still takes signals. */
async function isAlive(pid: number): Promise<boolean> {
  const { host } = await processes.self();
  return (await processes.liveness({ host, pid, startedAt: 'unknown' })) === 'alive';
}

/** Takes whatever step is next until `times` are done; says every epoch it got and every step it closed. */
async function takeSteps(): Promise<void> {
  const [{ LeaseLost }, { createJournal }] = await Promise.all([
    import('../../src/factory/ports.ts'),
    import('../../src/state/logs/journal.ts'),
  ]);
  const journal = createJournal({ ...deps, clock: { now: () => new Date() } }, file);
  const me = await processes.self();
  for (;;) {
    const closed = (await journal.entries()).filter((entry) => entry.type === 'step_done').length;
    if (closed >= times) return;
    const writer = await journal.lease(closed + 1, me);
    if (writer === null) continue;
    say(`epoch ${writer.epoch}`);
    try {
      await writer.append({ type: 'note', key: `${writer.epoch}`, text: 'x'.repeat(500) });
      await sleep(Math.random() * 3);
      await writer.check();
      await writer.append({ type: 'step_done', outcome: 'continue' });
      say(`closed ${writer.step} ${writer.epoch}`);
    } catch (error) {
      if (!(error instanceof LeaseLost)) throw error;
      await sleep(Math.random() * 5);
    }
  }
}

/** Writes to a small disk until it is full; says what each refused write was refused for. */
async function fill(): Promise<void> {
  const log = createLog(deps, { file: `${file}.jsonl`, schema: stone });
  const refused = async (write: (n: number) => Promise<unknown>): Promise<unknown> => {
    for (let n = 1; ; n += 1) {
      try {
        await write(n);
        say(n);
      } catch (error) {
        return error instanceof DarkFactoryError ? error.code : error;
      }
    }
  };
  await document.update((now) => ({ ...now, stones: ['first'] }));
  say(`log ${await refused((n) => log.append({ n, text: 'z'.repeat(30_000) }, { n: n + 0.5, text: '' }))}`);
  say(
    `document ${await refused((n) => document.update((now) => ({ ...now, stones: ['y'.repeat(20_000 * n)] })))}`,
  );
  const fresh = { ...stateDeps(), file, schema: pile };
  say(JSON.stringify([(await createDocument(fresh, fresh).get()).version, (await log.readAll()).length]));
  say(JSON.stringify(await readdir(dirname(file))));
}

/** @param at killed before this rename, counted from 1 */
async function makeTogether(at: number): Promise<void> {
  const { openStore, sampleAgent, sampleFinance, sampleProject } = await import('./samples.ts');
  let renames = 0;
  const real = fs.rename;
  fs.rename = async (...names) => {
    renames += 1;
    if (renames === at) process.kill(process.pid, 'SIGKILL');
    await real(...names);
    say(renames);
  };
  syncBuiltinESMExports();
  const projects = Array.from({ length: 3 }, () => sampleProject());
  await openStore(file).store.createProjects(
    projects.map((project) => ({
      project,
      agents: [sampleAgent(project.id)],
      finance: sampleFinance(project.id),
    })),
  );
  say('made');
}

say('ready');
if (mode === 'together') await makeTogether(times);
if (mode === 'replace') for (;;) say((await document.update(restack)).version);
if (mode === 'count') for (let i = 0; i < times; i += 1) say((await document.update(restack)).version);
if (mode === 'append') {
  const log = createLog(deps, { file, schema: stone });
  for (let n = times; ; n += 1) {
    await log.append({ n, text: 'y'.repeat(Math.floor(Math.random() * 200_000)) }, { n: n + 0.5, text: '' });
    say(n);
  }
}
if (mode === 'guarded') {
  for (let i = 0; i < times; i += 1) {
    await guarded();
    say(i);
  }
}
if (mode === 'steps') await takeSteps();
if (mode === 'fill') await fill();
if (mode === 'both') {
  const log = createLog(deps, { file: `${file}.jsonl`, schema: stone, chain: stoneChain(file) });
  for (let n = times; ; n += 1) {
    const write = async (what: string, how: () => Promise<unknown>): Promise<void> => {
      try {
        await how();
        say(`${what} ${n}`);
      } catch (error) {
        if (!(error instanceof DarkFactoryError && error.code === 'lock_lost')) throw error;
        say(`refused ${n}`);
      }
    };
    await write('document', () =>
      document.update((now) => ({ ...now, stones: [...now.stones, `child ${n}`] })),
    );
    await write('log', () => log.append({ n, text: 'y'.repeat(20_000) }));
  }
}
if (mode === 'hold') {
  await deps.locks.withLock(file, async () => {
    say('held');
    await sleep(10 * 60_000);
  });
}
