import type { Locator, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { call, MEND_SUM, scenario, sequence, taskIds } from '../support/scenario.ts';
import { until } from '../support/until.ts';
import { describePages, useBrowser } from './browser.ts';
import { servePages } from './serve-pages.ts';

describePages('a page that is left open', () => {
  const browser = useBrowser();

  it('says that no worker lives and that Redis is away, and takes the order again when they are back', async () => {
    const s = await scenario({ script: sequence(MEND_SUM) });
    const { name } = await s.init('left open');
    const { link } = await servePages(s, 'operator');
    const shown = await browser.open(link);
    const { page } = shown;
    await page.clock.install();
    await page.reload();
    // The page looks every quarter of a minute, and the server keeps an answer for some seconds.
    const seenLater = (what: Locator) =>
      until(async () => {
        await page.clock.fastForward(16_000);
        return (await what.count()) > 0;
      });
    const health = page.getByRole('region', { name: 'Health' });
    await health.getByText(/worker/i).waitFor();
    await page.getByText('0 workers').waitFor();

    await s.redis.kill();
    await seenLater(health.getByText(/Redis at .* does not answer/));
    await page.getByRole('button', { name: 'Start' }).click();
    await page
      .getByRole('alert')
      .getByText(/Redis at .* does not answer/)
      .waitFor();
    await makeInVain(page, s.repository.dir);

    await s.redis.start();
    await s.worker();
    await seenLater(page.getByText('1 worker', { exact: true }));
    expect(await health.getByText(/Redis/).count()).toBe(0);
    const row = page.locator('li', { hasText: name });
    await row.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('heading', { name: /Proved/ }).waitFor();
    await row.getByText('completed').waitFor();
    expect(shown.surprises).toEqual([]);
  });

  it('says that another version runs since an upgrade, and is of that one when it is loaded again', async () => {
    const s = await scenario();
    const pages = await servePages(s, 'viewer');
    const { page } = await browser.open(pages.link);
    await page.getByText('live', { exact: true }).waitFor();
    await pages.stop();
    await page.getByText(/not current/).waitFor();
    // The server of the next version, as far as this page sees of it.
    await page.route('**/api/v1/me', async (asked) => {
      const answer = await asked.fetch().catch(() => null);
      if (answer === null) return asked.abort();
      return asked.fulfill({ response: answer, json: { ...(await answer.json()), version: '99.0.0' } });
    });
    await pages.restart();
    await page.getByText('Dark Factory 99.0.0 runs here now.').waitFor();
    await page.getByRole('button', { name: 'Load it again' }).click();
    await page.getByText('live', { exact: true }).waitFor();
    expect(await page.getByText(/runs here now/).count()).toBe(0);
  });

  it('is live in more tabs than a browser opens connections, and all of them show what one does', async () => {
    const s = await scenario();
    const { name } = await s.init('in all tabs');
    const { link } = await servePages(s, 'operator');
    const tabs = [];
    for (let opened = 0; opened < 8; opened += 1) {
      const { page } = await browser.open(link);
      await page.getByText('live', { exact: true }).waitFor();
      tabs.push(page);
    }
    await tabs[0]?.getByRole('button', { name: 'Start' }).click();
    for (const page of tabs) await page.locator('li', { hasText: name }).getByText('initializing').waitFor();
    for (const page of tabs) await page.close();
  });

  it('follows a stream of its own where tabs cannot share one, or the script for it is gone', async () => {
    const s = await scenario();
    const { link } = await servePages(s, 'viewer');
    const { page } = await browser.open(link);
    await page.route('**/*', async (asked) => {
      if (asked.request().resourceType() !== 'document') return asked.continue();
      const answer = await asked.fetch();
      const body = (await answer.text()).replace(/data-live="[^"]*"/, 'data-live="/assets/gone.js"');
      return asked.fulfill({ response: answer, body });
    });
    await page.reload();
    await page.getByText('live', { exact: true }).waitFor();
    await page.addInitScript('delete window.SharedWorker');
    await page.reload();
    await page.getByText('live', { exact: true }).waitFor();
    await page.close();
  });

  it('tells the second of two people who answer a question what the first one said', async () => {
    const [plan = call('finish', {}), , ...rest] = MEND_SUM;
    const ask: typeof plan = (turn) =>
      call('ask_owner', { question: 'Keep it?', options: ['yes', 'no'], task_id: taskIds(turn)[0] ?? '' });
    const s = await scenario({ script: sequence([plan, ask, ...rest]) });
    await s.worker();
    const { id } = await s.init('asks two');
    await s.df('start', id);
    const [one, two] = [await servePages(s, 'operator'), await servePages(s, 'owner')];
    const first = (await browser.open(one.link)).page;
    await first.getByText('Keep it?').waitFor();
    const second = (await browser.open(two.link)).page;
    await second.getByText('Keep it?').waitFor();
    // What the first one does is not seen by the second one before it answers itself.
    await second.route('**/api/v1/questions?**', (asked) => asked.abort());
    await first.getByRole('button', { name: 'yes', exact: true }).click();
    await first.getByText('Agents ask you').waitFor({ state: 'detached' });
    await second.getByRole('button', { name: 'no', exact: true }).click();
    await second.getByRole('alert').getByText(/yes/).waitFor();
    const [question] = await s.services.projects.getQuestions(id);
    expect(question).toMatchObject({ answer: 'yes', by: 'token:operator' });
  });
});

/** A project from the form that cannot be started just now: it is made, and the page says why it does not begin. */
async function makeInVain(page: Page, repository: string): Promise<void> {
  await page.getByRole('link', { name: 'New project' }).click();
  await page.getByLabel('Name', { exact: true }).fill('waits');
  await page.getByLabel('Task').fill('Make add add.');
  await page.getByLabel('Repository').fill(repository);
  await page.getByRole('button', { name: 'Make and start it' }).click();
  await page.getByRole('heading', { name: 'waits is made, and not started' }).waitFor();
  await page
    .getByRole('alert')
    .getByText(/Redis at .* does not answer/)
    .waitFor();
  await page.getByRole('link', { name: 'Overview' }).click();
}
