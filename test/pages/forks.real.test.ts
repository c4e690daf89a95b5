import { expect, it, onTestFinished } from 'vitest';
import { addTask, decision, good, openForkHouse } from '../support/fork-house.ts';
import { describePages, expectForEverybody, useBrowser } from './browser.ts';
import { servePages } from './serve-pages.ts';

describePages('a fork on the pages', () => {
  const browser = useBrowser();

  it('shows its branches side by side, lets its owner take one by hand, and goes on with that', async () => {
    const closers: (() => Promise<unknown>)[] = [];
    onTestFinished(async () => {
      for (const close of closers.reverse()) await close();
    });
    const house = await openForkHouse(['decisions:', '  merge: manual'], 1, (close) => closers.push(close));
    const id = await house.begin('forked', {
      start: [addTask, decision(['Plus', 'Loop'])],
      options: { Plus: good(), Loop: good('a + b # two\n') },
    });
    const { link } = await servePages(house.s, 'operator');
    const shown = await browser.open(link);
    const { page } = shown;
    await shown.to(`/projects/${id}?tab=branches`);
    // Nothing is loaded anew: the branches appear, and get their evidence, as they work.
    await page.getByRole('heading', { name: 'How?' }).waitFor();
    const card = (option: string) =>
      page.getByRole('listitem').filter({ has: page.getByRole('link', { name: option }) });
    for (const option of ['Plus', 'Loop']) {
      await card(option).getByText('completed', { exact: true }).waitFor();
      await card(option)
        .getByText(/1 of 1 task proved · gate: 1 of 1 checks passed · 1 file changed/)
        .waitFor();
    }
    await page.getByText('paused', { exact: true }).waitFor();
    await expectForEverybody(shown, 'branches');
    await card('Loop').getByRole('button', { name: 'Take this branch' }).click();
    await page
      .getByRole('dialog')
      .getByText(/merged into its parent/)
      .waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Take this branch' }).click();
    await card('Loop').getByText('chosen').waitFor();
    expect(await card('Plus').getByText('chosen').count()).toBe(0);
    await page.getByRole('heading', { name: 'forked' }).getByText('completed').waitFor();
    await page.getByRole('link', { name: 'Changes', exact: true }).click();
    await page.getByText('+a + b # two').waitFor();
    expect(await house.project(id)).toMatchObject({ status: 'completed', forks: [{ phase: 'merged' }] });
    expect((await house.s.events(id)).find(({ type }) => type === 'project.ordered')).toMatchObject({
      message: expect.stringContaining('takes the branch'),
      data: { by: 'token:operator' },
    });
    expect(shown.surprises).toEqual([]);
  });
});
