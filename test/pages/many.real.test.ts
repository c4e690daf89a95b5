import { expect, it } from 'vitest';
import { addProject } from '../state/samples.ts';
import { call, MEND_SUM, scenario, sequence } from '../support/scenario.ts';
import { describePages, useBrowser } from './browser.ts';
import { servePages } from './serve-pages.ts';

const PROJECTS = 1_000;
const AT_WORK = 20;

describePages('pages with much to show', () => {
  const browser = useBrowser();

  it('an overview of a thousand projects can be used at once, and finds any of them', async () => {
    const s = await scenario();
    for (let index = 0; index < PROJECTS; index += 1)
      await addProject(s.services.state as Parameters<typeof addProject>[0], {
        name: `project-${index} \u5de5\u5834 \u0645\u0635\u0646\u0639`,
        started: true,
        ...(index < AT_WORK
          ? { status: 'active' }
          : { status: index % 2 === 0 ? 'completed' : 'failed', settled: true }),
      });
    const { link } = await servePages(s, 'viewer');
    const { page, to } = await browser.open(link);
    await page.getByRole('heading', { name: `At work ${AT_WORK}` }).waitFor();
    // Once more: the server has read its files now.
    const start = performance.now();
    await to('/');
    await page.getByRole('heading', { name: `At work ${AT_WORK}` }).waitFor();
    const ms = performance.now() - start;
    console.log(`an overview of ${PROJECTS} projects: ${Math.round(ms)} ms`);
    // A second on a machine with nothing else to do; here others test beside it.
    expect(ms).toBeLessThan(10_000);
    expect(await page.locator('.cards > li').count()).toBeLessThan(300);
    await page
      .getByRole('button', { name: /^Show 200 more of/ })
      .first()
      .click();
    expect(await page.locator('.cards > li').count()).toBeGreaterThan(250);
  });

  it('shows the head and tail of an output without end, and of a change without end a part at a time', async () => {
    const [plan = call('finish', {}), , ...rest] = MEND_SUM;
    const noise = call('bash', { command: 'yes "a line of an output without end" | head -c 40000000' });
    const long = call('bash', {
      command: 'seq 1 50000 > long.txt; head -c 300000 /dev/urandom > picture.bin',
    });
    const s = await scenario({ script: sequence([plan, noise, long, ...rest]) });
    await s.worker();
    const { id } = await s.init('noisy');
    await s.df('start', id);
    await s.settles(id);
    expect(await s.project(id)).toMatchObject({ status: 'completed' });
    const { link } = await servePages(s, 'viewer');
    const shown = await browser.open(link);
    const { page } = shown;
    await shown.to(`/projects/${id}`);
    const size = await page.evaluate<number>('document.body.textContent.length');
    expect(size).toBeLessThan(200_000);
    await page.getByRole('link', { name: 'Changes' }).click();
    await page.getByText('A binary file.').waitFor();
    expect(await page.locator('.patch span').count()).toBeLessThan(2_000);
    await page
      .getByRole('button', { name: /^Show .* more of/ })
      .first()
      .click();
    await page.getByText('+2000', { exact: true }).waitFor();
    expect(shown.surprises).toEqual([]);
  });
});
