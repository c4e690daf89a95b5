import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { scenario } from '../../support/scenario.ts';

/** An hour of the day that is not now, as it begins. */
function otherHour(now: Date, hours: number): string {
  return `${String((now.getUTCHours() + hours) % 24).padStart(2, '0')}:00`;
}

it('outside the work hours a project is made ready and calls nobody, and goes on when they are changed', async () => {
  const now = new Date();
  const hours = `workHours: "${otherHour(now, 6)}-${otherHour(now, 8)}"`;
  const s = await scenario({ config: [hours, 'timezone: UTC'] });
  const { id } = await s.init('at-night');
  const day = await s.worker();
  await s.df('start', id);
  const waits = await s.when(id, 'waiting for its hours', ({ waiting }) => waiting?.for === 'hours');
  expect(waits).toMatchObject({ status: 'active', prepared: true });
  expect(waits.baselineGate).toBeDefined();
  expect(waits.waiting?.until?.getUTCHours()).toBe((now.getUTCHours() + 6) % 24);
  expect(s.model.requests).toEqual([]);
  expect((await s.df('status', id)).stdout.replace(/\s+/g, ' ')).toContain('Outside the work hours');
  await day.stop();
  const file = join(s.home, 'config.yaml');
  await writeFile(file, (await readFile(file, 'utf8')).replace(hours, ''), { mode: 0o600 });
  await s.worker();
  expect((await s.settles(id)).status).toBe('completed');
});
