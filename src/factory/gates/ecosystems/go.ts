import { isDeepStrictEqual } from 'node:util';
import {
  type Ecosystem,
  type FoundCommand,
  type MergedManifest,
  NO_SETUP,
  NOTHING_AT_HOME,
} from './types.ts';

export const go: Ecosystem = {
  name: 'go',
  async find(tree) {
    if (!tree.has('go.mod')) return {};
    const found = (command: string): FoundCommand => ({ command, source: 'go.mod' });
    const golangci = tree.paths.find((path) => /^\.golangci\.(ya?ml|toml|json)$/.test(path));
    return {
      // Only with -v does it name the tests that passed, so that a missing one is missed.
      test: found('go test -v ./...'),
      lint:
        golangci === undefined ? found('go vet ./...') : { command: 'golangci-lint run', source: golangci },
      format: found('test -z "$(gofmt -l .)"'),
      guessed: golangci === undefined ? ['lint', 'format'] : ['format'],
      setup: tree.has('go.sum') ? { command: 'go mod download', source: 'go.sum' } : null,
    };
  },
  definitions: {
    names: [/^\.golangci\.(ya?ml|toml|json)$/, /^staticcheck\.conf$/, /^go\.work$/, /^\.go-version$/],
    paths: [],
    families: [{ names: /^go\.sum$/, locks: true, free: false }],
  },
  manifests: [{ name: /^go\.mod$/, merge: mergeGo }],
  installed: [],
  setup: {
    ...NO_SETUP,
    programs: ['go'],
    reads: /(^|\/)go\.mod$/,
    variables: (folder) => ({ GOMODCACHE: `${folder}/go` }),
    offline: { GOPROXY: 'off', GOTOOLCHAIN: 'local' },
  },
  home: { ...NOTHING_AT_HOME, caches: ['go/pkg/mod'] },
};

interface Directive {
  verb: string;
  /** Its words, the first of them a module. */
  words: string[];
  /** Of the file, which says nothing else. */
  line: number;
}

function directives(lines: readonly string[]): Directive[] {
  const found: Directive[] = [];
  let block = '';
  for (const [line, raw] of lines.entries()) {
    const words = raw
      .replace(/\/\/.*$/, '')
      .replace(/[()]/g, ' $& ')
      .split(/\s+/)
      .map((word) => word.replace(/^["`](.*)["`]$/, '$1'))
      .filter((word) => word !== '');
    if (words[0] === ')') block = '';
    else if (words[1] === '(' && block === '') block = words[0] ?? '';
    else if (words.length > 0)
      found.push(
        block === '' ? { verb: words[0] ?? '', words: words.slice(1), line } : { verb: block, words, line },
      );
  }
  return found;
}

/**
 * What stands in for a module comes from the base commit: code that lies in the repository may be compiled into tests in place of the
 * library by which they assert. Another version of the same module is ordinary work, and so is what the base commit does not use.
 */
function mergeGo(base: string, head: string): MergedManifest {
  const [old, now] = [base.split('\n'), head.split('\n')];
  const [before, after] = [directives(old), directives(now)];
  const used = new Set(
    before.flatMap(({ verb, words }) => (/^(?:require|replace)$/.test(verb) ? words.slice(0, 1) : [])),
  );
  const standsIn = ({ verb, words }: Directive) => {
    const [module = '', ...rest] = words;
    return verb === 'replace' && used.has(module) && rest[rest.indexOf('=>') + 1] !== module;
  };
  const told = (all: readonly Directive[]) => all.filter(standsIn).map(({ words }) => words.join(' '));
  if (isDeepStrictEqual(told(before).sort(), told(after).sort())) return { text: head, changed: false };
  const dropped = new Set(after.filter(standsIn).map(({ line }) => line));
  const kept = now.filter((_, line) => !dropped.has(line)).join('\n');
  const put = told(before).map((words) => `replace ${words}\n`);
  return { text: `${kept.trimEnd()}\n${put.join('')}`, changed: true };
}
