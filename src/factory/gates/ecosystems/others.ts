import type { BaseTree, Found, FoundCommand } from './types.ts';

export async function findCargo(tree: BaseTree): Promise<Found> {
  if (!tree.has('Cargo.toml')) return {};
  const found = (command: string): FoundCommand => ({ command, source: 'Cargo.toml' });
  return {
    test: found('cargo test'),
    lint: found('cargo clippy --all-targets -- -D warnings'),
    format: found('cargo fmt --check'),
    guessed: ['lint', 'format'],
    setup: tree.has('Cargo.lock') ? { command: 'cargo fetch --locked', source: 'Cargo.lock' } : null,
  };
}

export async function findGo(tree: BaseTree): Promise<Found> {
  if (!tree.has('go.mod')) return {};
  const found = (command: string): FoundCommand => ({ command, source: 'go.mod' });
  const golangci = tree.paths.find((path) => /^\.golangci\.(ya?ml|toml|json)$/.test(path));
  return {
    // Only with -v does it name the tests that passed, so that a missing one is missed.
    test: found('go test -v ./...'),
    lint: golangci === undefined ? found('go vet ./...') : { command: 'golangci-lint run', source: golangci },
    format: found('test -z "$(gofmt -l .)"'),
    guessed: golangci === undefined ? ['lint', 'format'] : ['format'],
    setup: tree.has('go.sum') ? { command: 'go mod download', source: 'go.sum' } : null,
  };
}

export async function findMake(tree: BaseTree): Promise<Found> {
  const file = ['GNUmakefile', 'makefile', 'Makefile'].find((each) => tree.has(each));
  const text = file === undefined ? null : await tree.read(file);
  if (file === undefined || text === null) return {};
  const target = (...names: string[]): FoundCommand | null => {
    const name = names.find((each) =>
      new RegExp(`^(?:[\\w.-]+[ \\t]+)*${each}(?:[ \\t]+[\\w.-]+)*[ \\t]*::?(?!=)`, 'm').test(text),
    );
    return name === undefined ? null : { command: `make ${name}`, source: file };
  };
  return {
    test: target('test', 'check', 'tests', 'unittest'),
    lint: target('lint'),
    format: target('format-check', 'fmt-check', 'check-format'),
    setup: null,
  };
}
