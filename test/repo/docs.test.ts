import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pages } from '../../scripts/docs.ts';
import { type ConfigKey, configKeys } from '../../src/factory/config/config-keys.ts';
import { ECOSYSTEMS } from '../../src/factory/gates/ecosystems/all.ts';
import type { Factory } from '../../src/index.ts';
import { EXIT_CODE } from '../../src/lib/failure.ts';

const top = new URL('../../', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, top), 'utf8');

const names = (folder: string, recursive = false) =>
  readdirSync(new URL(folder, top), { recursive, encoding: 'utf8' }).filter((file) => file.endsWith('.md'));
const files = [...names('.'), ...names('docs', true).map((file) => `docs/${file}`)];

/** What a heading is linked to by. */
function anchors(text: string): Set<string> {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** The compiler asks for every method of every manager, and for no other. */
const METHODS: { [M in keyof Omit<Factory, 'close'>]: Record<keyof Factory[M], true> } = {
  engine: {
    createProject: true,
    startProject: true,
    pauseProject: true,
    resumeProject: true,
    retryProject: true,
    terminateProject: true,
    createBranches: true,
    mergeBranch: true,
    dropBranches: true,
    applyBranch: true,
    getProjectStatus: true,
    getProjectMetrics: true,
  },
  projects: {
    getTaskList: true,
    addTask: true,
    updateTask: true,
    auditTaskList: true,
    requestAudit: true,
    sendMessage: true,
    getMessages: true,
    getQuestions: true,
    answerQuestion: true,
    scheduleAudit: true,
    generateProgressReport: true,
    generateNightReport: true,
    getTranscript: true,
    getDiff: true,
    getPatch: true,
  },
  agents: {
    loadPersona: true,
    instantiateAgent: true,
    executeAgent: true,
    sendMessage: true,
    saveAgentState: true,
    loadAgentState: true,
    validateQualityGates: true,
    requestGate: true,
  },
  finance: {
    addProvider: true,
    removeProvider: true,
    updateProvider: true,
    probeProvider: true,
    checkCredits: true,
    selectProvider: true,
    switchProvider: true,
    enterPollingMode: true,
    exitPollingMode: true,
    recordCost: true,
    getCostSummary: true,
    getFinanceState: true,
  },
  git: {
    createWorktree: true,
    deleteWorktree: true,
    createBranch: true,
    commitChanges: true,
    preventPush: true,
    validateWorktree: true,
    getBranchLineage: true,
    generateBranchName: true,
  },
};

it('docs/library.md names every method of every manager', () => {
  const named = [...read('docs/library.md').matchAll(/^\| `(\w+)` \| (.+) \|$/gm)];
  expect(
    Object.fromEntries(
      named.map(([, manager = '', methods = '']) => [
        manager,
        Object.fromEntries([...methods.matchAll(/`(\w+)`/g)].map(([, method]) => [method, true])),
      ]),
    ),
  ).toEqual(METHODS);
});

it('README.md can be read in a few minutes: at most 9 KB', () => {
  expect(Buffer.byteLength(read('README.md'))).toBeLessThanOrEqual(9 * 1024);
});

describe('the documents', () => {
  it.each(Object.entries(pages))('%s is what `npm run docs` writes', (file, page) => {
    expect(read(file)).toBe(page());
  });

  it('give every key of config.yaml a meaning', () => {
    const silent = (keys: readonly ConfigKey[]): string[] =>
      keys.flatMap((key) => [...(key.meaning === '' ? [key.name] : []), ...silent(key.keys ?? [])]);
    expect(silent(configKeys())).toEqual([]);
  });

  it('name every exit code', () => {
    const codes = [...read('docs/cli.md').matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
    expect(codes.sort()).toEqual([0, ...Object.values(EXIT_CODE)].sort());
  });

  it.each(files)('%s links only to files and headings that are there', (file) => {
    const links = [...read(file).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !/^https?:/.test(link));
    const dead = links.filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? new URL(file, top) : new URL(path, new URL(file, top));
      if (!existsSync(target)) return true;
      return anchor !== undefined && !anchors(readFileSync(target, 'utf8')).has(anchor);
    });
    expect(dead).toEqual([]);
  });

  it.each(['CONTRIBUTING.md', 'docs/contributing/architecture.md'])(
    '%s names only files that are there',
    (file) => {
      const paths = [...read(file).matchAll(/`((?:src|test|docs|scripts|personas|\.ci)\/[\w./-]+)`/g)];
      expect(paths.length).toBeGreaterThan(3);
      expect(paths.map(([, path = '']) => path).filter((path) => !existsSync(new URL(path, top)))).toEqual(
        [],
      );
    },
  );

  it('docs/contributing/architecture.md says where every folder is', () => {
    const folders = ['', 'factory/'].flatMap((above) =>
      readdirSync(new URL(`src/${above}`, top), { withFileTypes: true })
        .filter((each) => each.isDirectory())
        .map(({ name }) => `${above}${name}`),
    );
    const page = read('docs/contributing/architecture.md');
    expect(folders.filter((folder) => !page.includes(folder))).toEqual([]);
  });

  it('docs/gates-and-criteria.md names every ecosystem', () => {
    const page = read('docs/gates-and-criteria.md').toLowerCase();
    const names = ECOSYSTEMS.map(({ name }) => name).filter((name) => name !== 'elsewhere');
    expect(names.filter((name) => !page.includes(name))).toEqual([]);
  });

  it('docs/troubleshooting.md quotes what the program says', () => {
    const sources = readdirSync(new URL('src/', top), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => read(`src/${file}`))
      .join('\n');
    const quotes = [...read('docs/troubleshooting.md').matchAll(/^\| \*([^*]+)\*/gm)].map(
      ([, quote = '']) => quote,
    );
    expect(quotes.length).toBeGreaterThan(4);
    expect(quotes.flatMap((quote) => quote.split(' … ')).filter((part) => !sources.includes(part))).toEqual(
      [],
    );
  });

  it('keep the words of our own to 25', () => {
    expect([...read('docs/contributing/glossary.md').matchAll(/^\|/gm)].length - 2).toBeLessThanOrEqual(25);
  });

  it.each(files)('%s names only scripts that are there', (file) => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: object };
    const named = [...read(file).matchAll(/npm run ([a-z:]+)/g)].map(([, script]) => script);
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named));
  });
});
