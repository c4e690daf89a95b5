import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { JournalEntry } from '../../src/factory/model/journal.ts';
import { addProject } from '../state/samples.ts';
import { LONG } from '../support/looks.ts';
import { call, MEND_SUM, openScenario, type Scenario, sequence } from '../support/scenario.ts';
import { describePages, expectForEverybody, useBrowser } from './browser.ts';
import { servePages } from './serve-pages.ts';

const PROJECTS = 1_000;
/** They need their owner: no worker lives. */
const OPEN = 20;
const STEPS = 2_000;
const TASKS = 5_000;

/** Down, or up, as somebody who reads does, until it is there. */
async function scrollTo(page: Page, found: Locator, by: number): Promise<void> {
  for (let turns = 0; turns < 400 && !(await found.isVisible()); turns += 1) {
    await page.evaluate(`scrollBy(0, ${by})`);
    await page.waitForTimeout(20);
  }
  await found.waitFor();
}

/** Elements of the document: whoever has few of them is quick. */
const size = (page: Page) => page.evaluate<number>('document.querySelectorAll("*").length');

describePages('pages with much to show', () => {
  const browser = useBrowser();
  const closers: (() => Promise<unknown>)[] = [];
  let s: Scenario;
  let id = '';

  beforeAll(async () => {
    const [plan = call('finish', {}), , ...rest] = MEND_SUM;
    const noise = call('bash', { command: 'yes "a line of an output without end" | head -c 40000000' });
    const long = call('bash', {
      command: 'seq 1 50000 > long.txt; head -c 300000 /dev/urandom > picture.bin',
    });
    s = await openScenario({ script: sequence([plan, noise, long, ...rest]) }, (close) =>
      closers.push(close),
    );
    const worker = await s.worker();
    ({ id } = await s.init('noisy'));
    await s.df('start', id);
    await s.settles(id);
    expect(await s.project(id)).toMatchObject({ status: 'completed' });
    // The others are documents alone, which no worker could work on.
    await worker.stop();
    await multiplySteps();
    await multiplyTasks();
    // With the one that is there already.
    for (let index = 0; index < PROJECTS - 1; index += 1)
      await addProject(s.services.state as Parameters<typeof addProject>[0], {
        name: `project-${index} \u5de5\u5834 \u0645\u0635\u0646\u0639`,
        started: true,
        ...(index < OPEN
          ? { status: 'active' }
          : { status: index % 2 === 0 ? 'completed' : 'failed', settled: true }),
      });
  }, LONG);
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });

  /** The step with the long output again and again, as if the agent had gone on. */
  async function multiplySteps() {
    const file = join(s.home, 'data/projects', id, 'agents/engineer.jsonl');
    const all = (await readFile(file, 'utf8'))
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as JournalEntry]));
    const last = Math.max(...all.map(({ step }) => step));
    const newest = Math.max(...all.map(({ epoch }) => epoch));
    const one = all.filter(({ step }) => step === 2);
    const more = Array.from({ length: STEPS - last }, (_, index) =>
      one.map((entry) => {
        const own = JSON.stringify({
          ...entry,
          step: last + 1 + index,
          epoch: newest + 1 + index,
          at: new Date(Date.now() + index),
        });
        return `${own.replaceAll(/("requestId":"[^"]*)"/g, `$1-${index}"`)}\n`;
      }),
    );
    await appendFile(file, more.flat().join(''));
  }

  async function multiplyTasks() {
    await s.services.state.tasks(id).update((list) => {
      const [first] = list.tasks;
      if (first === undefined) throw new Error('there is a task');
      const more = Array.from({ length: TASKS - 1 }, (_, index) => ({
        ...first,
        id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
        title: `task number ${index + 2}`,
      }));
      return { ...list, tasks: [...list.tasks, ...more] };
    });
  }

  it('an overview of a thousand projects can be used at once, and finds any of them', async () => {
    const { link } = await servePages(s, 'viewer');
    const shown = await browser.open(link);
    const { page, to } = shown;
    await page.getByRole('heading', { name: `Needs you ${OPEN}` }).waitFor();
    // Once more: the server has read its files now.
    const start = performance.now();
    await to('/');
    await page.getByRole('heading', { name: `Needs you ${OPEN}` }).waitFor();
    console.log(`an overview of ${PROJECTS} projects: ${Math.round(performance.now() - start)} ms`);
    expect(await size(page)).toBeLessThan(2_500);
    const failed = page.getByRole('region', { name: 'Failed' });
    await page.locator('#group-failed').scrollIntoViewIfNeeded();
    // The heading may stand at the lower edge, with its list still out of sight.
    await scrollTo(page, failed.locator('li[aria-posinset="1"][aria-setsize="489"]'), 100);
    await expectForEverybody(shown, 'a thousand projects');
    // The last one, by scrolling, and then by its name.
    const last = failed.locator('li[aria-posinset="489"]');
    await scrollTo(page, last, 2_000);
    expect(await size(page)).toBeLessThan(2_500);
    const name = (await last.getByRole('link').textContent()) ?? '';
    await page.getByLabel('Find a project').fill(name);
    await page.getByRole('heading', { name: 'Failed 1', exact: true }).waitFor();
    await page.getByRole('link', { name, exact: true }).waitFor();
    expect(await page.getByRole('link', { name: /^project-/ }).count()).toBe(1);
    expect(shown.surprises).toEqual([]);
  });

  it('shows of thousands of steps, tasks and lines what is near the view, by wheel and by keyboard', async () => {
    const { link } = await servePages(s, 'operator');
    const shown = await browser.open(link);
    const { page } = shown;
    await shown.to(`/projects/${id}`);
    await page.getByRole('button', { name: /^Show earlier steps: 1,9\d\d$/ }).waitFor();
    // The head and tail of 40 MB, not the whole.
    expect(await page.evaluate<number>('document.body.textContent.length')).toBeLessThan(400_000);
    expect(await size(page)).toBeLessThan(1_500);
    const earlier = page.getByRole('button', { name: /^Show earlier steps/ });
    // One part after the other: who presses while a part is on its way gets that one.
    while ((await earlier.count()) > 0) {
      await earlier.click({ timeout: 2_000 }).catch(() => {});
      await page.waitForTimeout(50);
    }
    await page.evaluate('scrollTo(0, 0)');
    await page
      .getByRole('heading', { name: /^Step 1 / })
      .first()
      .waitFor();
    expect(await size(page)).toBeLessThan(1_500);
    await expectForEverybody(shown, 'two thousand steps');
    await page.keyboard.press('End');
    await scrollTo(page, page.getByRole('heading', { name: new RegExp(`^Step ${STEPS} `) }).first(), 4_000);

    await page.getByRole('link', { name: 'Tasks' }).click();
    await page.getByText('task number 2', { exact: true }).waitFor();
    expect(await size(page)).toBeLessThan(2_000);
    await expectForEverybody(shown, 'five thousand tasks');
    await scrollTo(page, page.getByText(`task number ${TASKS}`, { exact: true }), 20_000);
    expect(await size(page)).toBeLessThan(2_000);

    await page.getByRole('link', { name: 'Changes' }).click();
    await page.getByText('A binary file.').waitFor();
    expect(await page.locator('.patch span').count()).toBeLessThan(2_000);
    await expectForEverybody(shown, 'fifty thousand lines');
    await scrollTo(page, page.getByText('+2000', { exact: true }), 2_000);
    expect(await page.locator('.patch span').count()).toBeLessThan(2_000);
    await page.getByText(/^df diff [0-9a-f]{8}$/).waitFor();
    expect(shown.surprises).toEqual([]);
  });
});
