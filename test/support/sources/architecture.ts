/** Reads the import lines of the program and judges them by its layers. Pure: sources in, sentences out. */
import { posix } from 'node:path';
import { type ImportLine, importsOf } from './import-lines.ts';

/** Path from the repository's top (`src/lib/clock.ts`) → source. */
export type Sources = ReadonlyMap<string, string>;

/** The rooms of the rules, lowest first: each knows those before it, so no two know each other. */
const RULES = [
  'src/factory/model/',
  'src/queues/jobs/',
  'src/factory/config/',
  'src/factory/ports',
  'src/factory/finance/',
  'src/factory/agent/',
  'src/factory/gates/',
  'src/factory/tasks/',
  'src/factory/talk/',
  'src/factory/sealing/',
  'src/factory/hearings/',
  'src/factory/review/',
  'src/factory/audits/',
  'src/factory/decisions/',
  'src/factory/lifecycle/',
  'src/factory/backlog/',
  'src/factory/schedules/',
  'src/factory/notifications/',
  'src/factory/report/',
  'src/factory/publishing/',
  'src/factory/intake/',
  'src/factory/watching/',
  'src/factory/transcript/',
  'src/factory/history/',
  'src/factory/diagnosis/',
  'src/factory/rehearsal/',
  'src/factory/managers/',
] as const;
const ADAPTERS = [
  'src/budget-meter/',
  'src/forge/',
  'src/git/',
  'src/llm/',
  'src/notify/',
  'src/sandbox/',
  'src/state/',
  'src/workspace/',
] as const;
/** A file belongs to the first prefix that fits. */
const ROOMS = [
  'src/lib/',
  ...RULES,
  ...ADAPTERS,
  'src/queues/',
  'src/services',
  'src/workers/',
  'src/producers/',
  'src/pages/',
  'src/index.ts',
  'src/bin/',
] as const;
type Room = (typeof ROOMS)[number];

/** What a room may import besides itself. */
function mayImport(room: Room): readonly Room[] {
  const rule = (RULES as readonly Room[]).indexOf(room);
  // What runs in a browser knows the program by its documents' types alone.
  if (room === 'src/lib/' || room === 'src/pages/') return [];
  // The words of all rooms, and what can be asked: they know no rule.
  if (room === 'src/factory/model/' || room === 'src/queues/jobs/') return ['src/lib/'];
  if (rule >= 0) return ['src/lib/', ...RULES.slice(0, rule)];
  if (room === 'src/queues/' || isAdapter(room)) return ['src/lib/', ...RULES];
  const below = ['src/lib/', ...RULES, ...ADAPTERS, 'src/queues/', 'src/services'] as const;
  if (room === 'src/index.ts') return [...below, 'src/workers/'];
  return room === 'src/bin/' ? [...below, 'src/workers/', 'src/producers/'] : below;
}

function isAdapter(room: Room): boolean {
  return ADAPTERS.some((each) => each === room);
}

/** The one import across a layer: an adapter that lives in Redis names the type of its connection. */
const TYPES_FOR_ALL = 'src/queues/redis/redis.ts';

/** Each outside package has one home. `once`: one file of the home, whichever. */
const HOMES: Record<string, { at: readonly string[]; once?: boolean }> = {
  '@anthropic-ai/sdk': { at: ['src/llm/'], once: true },
  '@bull-board/api': { at: ['src/producers/web/queues.ts'] },
  '@bull-board/express': { at: ['src/producers/web/queues.ts'] },
  '@octokit/core': { at: ['src/forge/'], once: true },
  '@clack/prompts': { at: ['src/producers/cli/'] },
  '@pydantic/genai-prices': { at: ['src/llm/'] },
  '@secretlint/core': { at: ['src/git/'], once: true },
  '@secretlint/profiler': { at: ['src/git/'], once: true },
  '@secretlint/secretlint-rule-preset-recommend': { at: ['src/git/'], once: true },
  bullmq: { at: ['src/queues/bus.ts', 'src/workers/'] },
  commander: { at: ['src/producers/cli/'] },
  codemirror: { at: ['src/pages/personas/'] },
  'cron-parser': { at: ['src/factory/schedules/cron.ts'] },
  diff2html: { at: ['src/pages/'] },
  execa: { at: ['src/lib/process/run-program.ts', 'src/notify/command.ts'] },
  express: { at: ['src/producers/web/'] },
  'fast-string-width': { at: ['src/producers/cli/render/wrap.ts'] },
  'fastest-levenshtein': { at: ['src/lib/text/nearest.ts'] },
  ioredis: { at: ['src/queues/redis/redis.ts'] },
  'lru-cache': { at: ['src/lib/lru.ts', 'src/factory/agent/memory/memory-cache.ts'] },
  ms: { at: ['src/lib/duration.ts'] },
  openai: { at: ['src/llm/'], once: true },
  pino: { at: ['src/lib/log.ts', 'src/lib/pino-roll.d.ts'] },
  'pino-roll': { at: ['src/lib/log.ts'] },
  preact: { at: ['src/pages/'] },
  'prom-client': { at: ['src/producers/health/exposition.ts'] },
  semver: { at: ['src/factory/diagnosis/versions.ts'] },
  'simple-git': { at: ['src/git/plain.ts', 'src/producers/trial/scratch-repository.ts'] },
  uplot: { at: ['src/pages/'] },
  yaml: { at: ['src/state/', 'src/pages/personas/', 'src/factory/gates/pins/same-content.ts'] },
  zod: { at: ['src/'] },
};

/** Rules reach the world through ports: none of these stands in `src/factory/`. */
const WORLD = /^node:(fs|child_process|net|http|https|tls|dgram|dns|cluster|worker_threads|os)(\/|$)/;
/**
 * Who starts processes by Node's own means: sandboxed commands, the hardened git, and processes of the factory's own that live
 * on or hand on their streams. Everything else is asked by execa (docs/adr/0004).
 */
const STARTS_PROCESSES = [
  'src/git/start/shells.ts',
  'src/git/start/start.ts',
  'src/lib/process/inherited-descriptors.ts',
  'src/producers/cli/commands/machine/worker-processes.ts',
  'src/producers/cli/commands/planning/sweeper.ts',
  'src/producers/cli/commands/service/detach.ts',
  'src/producers/cli/framework/system-df.ts',
  'src/queues/embedded/embedded-server.ts',
  'src/sandbox/mounts/special-files.ts',
  'src/sandbox/run/',
  'src/workers/keep-awake.ts',
];
/** Paths known at run time only: the owner's own model adapter, and the processor of a queue by its name. */
const COMPUTED_IMPORTS_AT = ['src/llm/', 'src/workers/processors.ts'];
export const LONGEST_FILE = 250;

/** One sentence for each broken rule. */
export function violations(sources: Sources): string[] {
  const said: string[] = [];
  const importers = new Map<string, Set<string>>();
  const imports = new Map(
    [...sources].map(([file, source]) => [file, importsOf(source, file.endsWith('.tsx') ? 'tsx' : 'ts')]),
  );
  for (const [file, source] of sources) {
    const lines = source.trimEnd().split('\n').length;
    if (lines > LONGEST_FILE) said.push(`${file} has ${lines} lines; ${LONGEST_FILE} are the most`);
    for (const line of imports.get(file) ?? []) {
      const problem = judge(file, line, sources);
      if (problem !== null) said.push(`${file} ${problem}`);
      const home = line.specifier === null ? undefined : packageOf(line.specifier);
      if (home !== undefined) importers.set(home, (importers.get(home) ?? new Set()).add(file));
    }
  }
  for (const [name, files] of importers) {
    if (HOMES[name]?.once && files.size > 1) {
      said.push(`${[...files].sort().join(' and ')} import ${name}; one file is its home`);
    }
  }
  return [...said, ...cycles(imports)];
}

function judge(file: string, { specifier, types }: ImportLine, sources: Sources): string | null {
  if (specifier === null) {
    return COMPUTED_IMPORTS_AT.some((place) => file.startsWith(place))
      ? null
      : 'imports a computed path; write it out';
  }
  if (specifier.startsWith('node:')) {
    if (file.startsWith('src/factory/') && WORLD.test(specifier))
      return `imports ${specifier}; rules reach the world through ports.ts`;
    const starts =
      specifier !== 'node:child_process' || STARTS_PROCESSES.some((place) => file.startsWith(place));
    return starts
      ? null
      : `imports ${specifier}; ask host programs with runProgram (lib/process/run-program.ts)`;
  }
  if (!specifier.startsWith('.')) return judgePackage(file, specifier);
  const target = posix.join(posix.dirname(file), specifier);
  if (!/\.(tsx?|json)$/.test(specifier)) return `imports ${specifier} without its ending`;
  if (target.endsWith('.json')) return null;
  if (!sources.has(target)) return `imports ${specifier}, which is not there`;
  return judgeLayer(file, target, types);
}

function judgePackage(file: string, specifier: string): string | null {
  const name = packageOf(specifier) ?? specifier;
  const home = HOMES[name];
  if (home === undefined) return `imports ${name}, which has no home; give it one in the architecture test`;
  return home.at.some((place) => file.startsWith(place))
    ? null
    : `imports ${name}, whose home is ${home.at.join(', ')}`;
}

function judgeLayer(file: string, target: string, types: boolean): string | null {
  const [from, to] = [roomOf(file), roomOf(target)];
  if (from === null) return 'stands in no room';
  if (to === null) return `imports ${target}, which stands in no room`;
  if (from === to || mayImport(from).includes(to)) return null;
  if (from === 'src/pages/' && types) return null;
  if (target === TYPES_FOR_ALL && types && isAdapter(from)) return null;
  return `imports ${target}: ${from} does not know ${to}`;
}

/** Cycles of imports, those of types included. */
function cycles(imports: ReadonlyMap<string, ImportLine[]>): string[] {
  const edges = new Map<string, string[]>();
  for (const [file, lines] of imports) {
    const targets = lines
      .filter((line) => line.specifier?.startsWith('.'))
      .map((line) => posix.join(posix.dirname(file), line.specifier ?? ''));
    edges.set(file, targets);
  }
  const done = new Set<string>();
  const said: string[] = [];
  const walk = (file: string, path: string[]): void => {
    const seenAt = path.indexOf(file);
    if (seenAt >= 0) {
      said.push(`${[...path.slice(seenAt), file].join(' → ')} is a cycle`);
      return;
    }
    if (done.has(file)) return;
    for (const target of edges.get(file) ?? []) walk(target, [...path, file]);
    done.add(file);
  };
  for (const file of edges.keys()) walk(file, []);
  return said;
}

function roomOf(file: string): Room | null {
  return ROOMS.find((room) => file.startsWith(room)) ?? null;
}

/** `@a/b/c` → `@a/b`; `undefined` for our own files and Node's. */
function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) return undefined;
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
