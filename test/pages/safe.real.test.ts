import { expect, it } from 'vitest';
import { call, type Scenario, scenario, sequence, slow, taskIds } from '../support/scenario.ts';
import { describePages, useBrowser } from './browser.ts';
import { servePages } from './serve-pages.ts';

/** What would run, load or show something if any page took it for more than words. */
const EVIL = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(2)>',
  '<svg onload=alert(3)><a xlink:href="javascript:alert(4)">x</a></svg>',
  '"><iframe src="https://evil.example/frame"></iframe>',
  "';alert(5)//",
  '[a link](javascript:alert(6)) ![picture](https://evil.example/pixel.png)',
  '<a href="javascript:alert(7)">press</a><form action="https://evil.example"><button>send</button></form>',
  '<style>@import url(https://evil.example/style.css)</style>',
  '{{constructor.constructor("alert(8)")()}} #{alert(9)}',
  '\u001b]8;;https://evil.example\u0007a link of a terminal\u001b]8;;\u0007\u001b[31mred\u001b[0m',
  '<details open ontoggle=alert(10)><math><mtext></mtext></math></details>',
  '\u202e\u2066gnp.exe</pre></code></main><meta http-equiv="refresh" content="0;url=https://evil.example">',
].join('\n');
const FILE = 'a<img src=x onerror=alert(11)>.svg';

const plant = sequence([
  {
    ...call('add_tasks', {
      tasks: [
        {
          title: `Add ${EVIL.slice(0, 100)}`,
          description: EVIL,
          criteria: [{ name: '<b onclick=alert(12)>ok</b>', command: "grep 'a + b' sum.js" }],
        },
      ],
    }),
    text: EVIL,
  },
  call('write_file', {
    path: FILE,
    content: `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(13)"/>\n${EVIL}\n`,
  }),
  call('bash', { command: `cat '${FILE}'; echo '<img src=x onerror=alert(14)>'` }),
  call('edit_file', { path: 'sum.js', old_text: 'a - b', new_text: 'a + b' }),
  (turn) => call('update_task', { id: taskIds(turn)[0] ?? '', status: 'completed', note: EVIL }),
  call('finish', { summary: EVIL }),
]);

const TABS = ['transcript', 'tasks', 'gates', 'diff', 'costs', 'branches', 'messages', 'report'];

async function worked(s: Scenario, name: string): Promise<string> {
  await s.worker();
  const { id } = await s.init(name);
  await s.df('start', id);
  await s.settles(id);
  return id;
}

describePages('pages that are safe', () => {
  const browser = useBrowser();

  it('A101 agents-words: words of agents are words: nothing of them runs, loads or leads away on any page', async () => {
    const s = await scenario({ script: plant });
    const id = await worked(s, '<b>bold</b>');
    expect(await s.project(id)).toMatchObject({ status: 'completed' });
    const { link } = await servePages(s, 'owner');
    const shown = await browser.open(link);
    const { page } = shown;
    for (const path of ['/', '/night', '/machine', ...TABS.map((tab) => `/projects/${id}?tab=${tab}`)]) {
      await shown.to(path);
      // All that is folded is looked at, too.
      for (const each of await page.locator('summary').all()) await each.click();
      const strange = page.locator(
        'main :is(iframe, form[action], img, math, script, style, meta, [onerror], [onload], [onclick], b > b)',
      );
      expect(await strange.count(), path).toBe(0);
      const links = await page
        .locator('a')
        .evaluateAll((all) => all.map((each) => String(Reflect.get(each, 'origin'))));
      expect(new Set(links).size, path).toBe(1);
    }
    await shown.to(`/projects/${id}?tab=transcript`);
    await page.getByText('<script>alert(1)</script>').first().waitFor();
    await page.goto(new URL('/queues/queue/agent-steps', link).href);
    await page.waitForLoadState('load');
    expect(shown.outside).toEqual([]);
    expect(shown.surprises).toEqual([]);
  });

  it('a viewer has no buttons that act, and cannot act without them', async () => {
    const s = await scenario();
    const { id } = await s.init('looked at');
    const { link } = await servePages(s, 'viewer');
    const shown = await browser.open(link);
    const { page } = shown;
    await page.getByRole('link', { name: 'looked at' }).waitFor();
    for (const path of ['/', `/projects/${id}`, `/projects/${id}?tab=messages`, '/providers', '/personas']) {
      await shown.to(path);
      expect(await page.getByRole('button').count(), path).toBe(0);
    }
    await shown.to('/new');
    expect(await page.getByRole('button', { disabled: false }).count()).toBe(0);
    const statuses = await page.evaluate<number[]>(`Promise.all(
      ${JSON.stringify([
        ['POST', `projects/${id}/start`],
        ['POST', `projects/${id}/messages`],
        ['POST', 'providers/main/disable'],
        ['PUT', 'personas/engineer'],
        ['DELETE', 'personas/engineer'],
      ])}.map(([method, path]) => fetch('/api/v1/' + path, { method, body: '{}' }).then(({ status }) => status)))`);
    expect(statuses).toEqual([403, 403, 403, 403, 403]);
    expect(await s.project(id)).toMatchObject({ started: false });
  });

  it('says that it is not current while the server is away, and goes on where it was cut', async () => {
    const s = await scenario({ script: slow(3_000) });
    const { id } = await s.init('cut');
    const served = await servePages(s, 'owner');
    const { page } = await browser.open(served.link);
    await page.getByText('live', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'cut' }).click();
    await page.getByRole('heading', { name: 'cut' }).waitFor();
    await served.stop();
    await page.getByText('not current: the connection is cut').waitFor();
    await s.worker();
    await s.df('start', id);
    await s.when(id, 'prepared', ({ prepared }) => prepared);
    expect(await page.getByRole('heading', { name: /^Step 1/ }).count()).toBe(0);
    await served.restart();
    await page.getByText('live', { exact: true }).waitFor();
    await page.getByRole('heading', { name: /^Step 1/ }).waitFor();
    await page.locator('h1 .status', { hasText: 'completed' }).waitFor();
    await served.stop();
    // The script of this page was never asked for before.
    await page.getByRole('link', { name: 'Night' }).click();
    await page.getByText('This part could not be loaded').waitFor();
    await served.restart();
    await page.getByRole('heading', { name: 'Night' }).waitFor();
    await s.df('token', 'remove', 'owner');
    await served.stop();
    await served.restart();
    await page.getByText(/this link has expired/).waitFor();
  });
});
