import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/lib/clock.ts';
import { createHome } from '../../../src/state/home/home.ts';
import { createEmergencyStop } from '../../../src/state/home/stop-file.ts';

async function open() {
  const root = await mkdtemp(join(tmpdir(), 'stop-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const home = createHome(root, {});
  return { root, home, stop: createEmergencyStop(home, systemClock) };
}

describe('the emergency stop', () => {
  it('is on from halt to release, with reason and time, for whoever looks', async () => {
    const { home, stop } = await open();
    const other = createEmergencyStop(home, systemClock);
    expect(other.look()).toBeNull();
    const { halt, changed } = await stop.halt('the bill');
    expect(changed).toBe(true);
    expect(other.look()).toEqual(halt);
    expect(halt.since).toBeInstanceOf(Date);
    expect(await other.release()).toEqual(halt);
    expect(stop.look()).toBeNull();
    expect(await stop.release()).toBeNull();
  });

  it('keeps the first reason, also of several that halt at once, and leaves nothing beside the file', async () => {
    const { root, home } = await open();
    const all = await Promise.all(
      ['a', 'b', 'c'].map((reason) => createEmergencyStop(home, systemClock).halt(reason)),
    );
    expect(all.filter(({ changed }) => changed)).toHaveLength(1);
    const [first] = all.filter(({ changed }) => changed);
    expect(all.map(({ halt }) => halt.reason)).toEqual(all.map(() => first?.halt.reason));
    expect((await readdir(root)).filter((name) => name.startsWith('STOP'))).toEqual(['STOP']);
  });

  it.each([
    ['an empty file', '', 'The file STOP was made by hand, or without room for a reason.'],
    ['words', 'no more money\n', 'no more money'],
    ['JSON of another form', '{"a":1}', '{"a":1}'],
    ['words with control characters', 'red \u001b[31malert', expect.not.stringContaining('\u001b')],
    [
      'a file that is much too long',
      'x'.repeat(100_000),
      'The file STOP was made by hand, or without room for a reason.',
    ],
  ])('counts when it is %s', async (_what, text, reason) => {
    const { home, stop } = await open();
    await writeFile(home.stopFile, text);
    expect(stop.look()).toMatchObject({ reason });
    expect(stop.look()?.since).toBeInstanceOf(Date);
  });

  it('counts as on when nobody can tell whether it is', () => {
    const home = createHome('/tmp/\0', {});
    const stop = createEmergencyStop(home, systemClock);
    expect(stop.look()).toMatchObject({
      since: null,
      reason: expect.stringContaining('cannot be looked at'),
    });
  });
});
