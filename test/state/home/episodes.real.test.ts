import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/lib/clock.ts';
import { episodesOf } from '../../../src/state/home/episodes.ts';
import { makeHome } from '../../support/home.ts';
import { until } from '../../support/until.ts';

async function openEpisodes() {
  const home = await makeHome();
  onTestFinished(() => home.cleanup());
  const data = join(home.home, 'data');
  return { data, episodes: episodesOf({ home: { data }, clock: systemClock }) };
}

it('what lasts begins once and ends once, whoever asks', async () => {
  const { data, episodes } = await openEpisodes();
  expect(await Promise.all([episodes.begin('disk'), episodes.begin('disk')])).toContain(true);
  expect(await episodes.begin('disk')).toBe(false);
  expect(await readdir(join(data, 'episodes'))).toEqual(['disk']);
  expect(await episodes.end('disk')).toBe(true);
  expect(await episodes.end('disk')).toBe(false);
  expect(await episodes.isDue('sweep', 60_000)).toBe(true);
  expect(await episodes.isDue('sweep', 60_000)).toBe(false);
  expect(await episodes.isDue('sweep', 0)).toBe(true);
  // Of many that ask at once one is told so, also when one died over that question.
  const asked = async () =>
    (await Promise.all(Array.from({ length: 20 }, () => episodes.isDue('look', 60_000)))).filter(Boolean)
      .length;
  expect(await asked()).toBe(1);
  await episodes.begin('.other.asked');
  expect(await episodes.isDue('other', 0)).toBe(false);
  // The clock of files may be a moment ahead.
  await until(() => episodes.isDue('other', 0));
});

it('what was marked before the clock was set back is due again, once, however far the clock went', async () => {
  const { data, episodes } = await openEpisodes();
  await episodes.mark('sweep');
  const future = new Date(Date.now() + 10_800_000);
  await utimes(join(data, 'episodes', '.sweep'), future, future);
  expect(await episodes.isDue('sweep', 60_000)).toBe(true);
  expect(await episodes.isDue('sweep', 60_000)).toBe(false);
});

it('who died over the question whether something is due before the clock was set back holds up nobody', async () => {
  const { data, episodes } = await openEpisodes();
  await episodes.begin('.sweep.asked');
  const future = new Date(Date.now() + 10_800_000);
  await utimes(join(data, 'episodes', '.sweep.asked'), future, future);
  await episodes.isDue('sweep', 60_000);
  expect(await episodes.isDue('sweep', 60_000)).toBe(true);
});
