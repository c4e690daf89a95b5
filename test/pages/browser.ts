/** A browser for tests of the pages: the system's Chromium, with a profile of its own that is gone afterwards. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import needs from '../../scripts/needs.json' with { type: 'json' };
import { programsOnPath } from '../../src/lib/process/programs.ts';

const names = needs.needs.find(({ name }) => name === 'Chromium')?.programs ?? [];
const executablePath = names.flatMap((name) => programsOnPath(name, process.env['PATH']))[0];
if (executablePath === undefined)
  console.warn(
    'tests of the pages are skipped: no Chromium is on the PATH (node scripts/prerequisites.mjs installs it)',
  );

/** As `describe`, where there is a browser. */
export const describePages = describe.skipIf(executablePath === undefined);

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface TestBrowser {
  /** A page that is closed with the browser. @param link where it begins */
  open(link: string): Promise<TestPage>;
}

export interface TestPage {
  page: Page;
  /** Addresses of other hosts that were asked for. */
  outside: readonly string[];
  /** Exceptions, refusals of the policy, and dialogs that a script of somebody else would open. */
  surprises: readonly string[];
  /** Goes to a path of these pages, and waits until its first document is there. */
  to(path: string): Promise<void>;
}

/** One for a test file. */
export function useBrowser(): TestBrowser {
  let context: BrowserContext | undefined;
  let profile = '';
  beforeAll(async () => {
    profile = await mkdtemp(join(tmpdir(), 'df-browser-'));
    context = await chromium.launchPersistentContext(profile, {
      ...(executablePath === undefined ? {} : { executablePath }),
      args: FLAGS,
      locale: 'en-GB',
    });
    // A busy machine is slow, not wrong.
    context.setDefaultTimeout(120_000);
  });
  afterAll(async () => {
    await context?.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  });
  return {
    async open(link) {
      if (context === undefined) throw new Error('the browser is not open yet');
      const page = await context.newPage();
      const [outside, surprises]: [string[], string[]] = [[], []];
      const { host, origin } = new URL(link);
      page.on('request', (request) => {
        const url = new URL(request.url());
        if (url.protocol !== 'data:' && url.host !== host) outside.push(request.url());
      });
      page.on('pageerror', (error) => surprises.push(error.message));
      page.on('console', (said) => {
        if (/Content Security Policy/i.test(said.text())) surprises.push(said.text());
      });
      page.on('dialog', (dialog) => {
        surprises.push(`a dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      await page.goto(link);
      return {
        ...{ page, outside, surprises },
        async to(path) {
          await page.goto(`${origin}${path}`);
          await page.locator('h1').first().waitFor();
          await page.getByText('Loading…').waitFor({ state: 'detached' });
        },
      };
    },
  };
}

const axe = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  id: string;
  nodes: { html: string }[];
}

/** Expects that people who cannot see or use a mouse get along with the page, and that it fits. */
export async function expectForEverybody({ page }: TestPage, what: string): Promise<void> {
  await page.evaluate(await axe);
  const violations = await page.evaluate<Violation[]>('axe.run().then((found) => found.violations)');
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  expect(told, what).toEqual([]);
  const beyond = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  expect(beyond, `${what} is wider than the window`).toBeLessThanOrEqual(0);
}
