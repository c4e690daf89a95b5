import { type Ecosystem, type FoundCommand, NO_SETUP, NOTHING_AT_HOME } from './types.ts';

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
    names: [/^\.golangci\.(ya?ml|toml|json)$/, /^go\.work$/, /^\.go-version$/],
    paths: [],
    families: [{ names: /^go\.sum$/, locks: true, free: false }],
  },
  manifests: [],
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
