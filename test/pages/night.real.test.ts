import { expect, it } from 'vitest';
import { call, MEND_SUM, scenario, sequence, slow, taskIds } from '../support/scenario.ts';
import { until } from '../support/until.ts';
import { describePages, expectForEverybody, useBrowser } from './browser.ts';
import { servePages } from './serve-pages.ts';

describePages('a night on the pages', () => {
  const browser = useBrowser();

  it('takes a project from the form to the proved branch, shows the agent at work and tells it what is said', async () => {
    const s = await scenario({ script: slow(1_500) });
    await s.worker();
    const { link } = await servePages(s, 'owner');
    const shown = await browser.open(link);
    const { page } = shown;
    await page.getByRole('link', { name: 'New project' }).click();
    await page.getByLabel('Name', { exact: true }).fill('by form');
    await page.getByLabel('Task').fill('Make add add.');
    await page.getByLabel('Repository').fill('/nowhere/at/all');
    await page.getByRole('button', { name: 'Make and start it' }).click();
    await page.getByRole('alert').getByText('/nowhere/at/all').waitFor();
    await page.getByLabel('Repository').fill(s.repository.dir);
    await page.getByText('Branch and commands').click();
    await page.getByLabel('Command for tests').fill("grep 'a + b' sum.js");
    await page.getByLabel('run no lint').check();
    await page.getByLabel('check no format').check();
    await page.getByRole('button', { name: 'Make and start it' }).click();

    await page.getByRole('heading', { name: 'by form' }).waitFor();
    expect(await page.title()).toBe('by form · Dark Factory');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    await page.getByRole('heading', { name: /^Step 1 / }).waitFor();
    await page.getByRole('link', { name: 'Messages' }).click();
    await page.getByLabel(/Say something/).fill('Keep the old name, please.');
    await page.getByRole('button', { name: 'Say it' }).click();
    await page.getByText('Keep the old name, please.').waitFor();
    await page.getByRole('link', { name: 'Transcript' }).click();
    await page.getByText('sum.js; git status --short').first().waitFor();
    // Nothing was loaded anew: the page follows by itself.
    await page.locator('h1 .status', { hasText: 'completed' }).waitFor();
    await page.getByRole('link', { name: 'Changes' }).click();
    await page.getByText('sum.js').first().waitFor();
    await page.getByRole('link', { name: 'Report' }).click();
    await page.getByText('Make add add.').first().waitFor();
    const [project] = (await s.services.state.listProjects()).projects;
    const id = project?.id ?? '';
    await page.getByRole('link', { name: 'Messages' }).click();
    await page.getByText(/told in step \d/).waitFor();
    await page.getByRole('link', { name: 'Changes' }).click();
    await page.getByText('+export const add = (a, b) => a + b;').waitFor();
    await page.getByRole('link', { name: 'Gates' }).click();
    await page.getByText('passed', { exact: true }).first().waitFor();
    await page.getByRole('link', { name: 'Cost', exact: true }).click();
    await page.getByRole('img', { name: /Over time/ }).waitFor();
    await page.getByRole('link', { name: 'Night' }).click();
    await page.getByRole('img', { name: /by form: .*working/ }).waitFor();
    expect(shown.outside).toEqual([]);
    expect(shown.surprises).toEqual([]);

    const tabs = ['transcript', 'tasks', 'gates', 'diff', 'costs', 'branches', 'messages', 'report'];
    const paths = ['/', '/new', '/night', '/providers', '/personas', '/personas/engineer', '/machine'];
    for (const path of [...paths, ...tabs.map((tab) => `/projects/${id}?tab=${tab}`)])
      for (const width of [1_280, 390]) {
        await page.setViewportSize({ width, height: 800 });
        await page.emulateMedia({ colorScheme: width === 390 ? 'dark' : 'light' });
        await shown.to(path);
        await expectForEverybody(shown, `${path} at ${width}`);
      }
  });

  it('lets a question be answered on the page, and the agent go on', async () => {
    const [plan = call('finish', {}), , ...rest] = MEND_SUM;
    const ask: typeof plan = (turn) =>
      call('ask_owner', {
        question: 'Keep the old route?',
        options: ['yes', 'no'],
        task_id: taskIds(turn)[0] ?? '',
      });
    const s = await scenario({ script: sequence([plan, ask, ...rest]) });
    await s.worker();
    const { id } = await s.init('asks');
    await s.df('start', id);
    const { link } = await servePages(s, 'operator');
    const { page } = await browser.open(link);
    await page.getByText('Keep the old route?').waitFor();
    await page.getByRole('button', { name: 'yes', exact: true }).click();
    await page.getByText('Agents ask you').waitFor({ state: 'detached' });
    const [question] = await s.services.projects.getQuestions(id);
    expect(question).toMatchObject({ answer: 'yes', by: 'token:operator' });
    await until(async () => (await s.project(id)).settled, undefined, 'the agent has gone on');
    expect(await s.project(id)).toMatchObject({ status: 'completed' });
  });
});
