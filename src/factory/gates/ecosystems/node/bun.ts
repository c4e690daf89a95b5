import type { PackageManager } from './package-manager.ts';

export const bun: PackageManager = {
  name: 'bun',
  programs: ['bun'],
  lockFiles: ['bun.lock', 'bun.lockb'],
  install: 'bun install --frozen-lockfile',
  unlocked: 'bun install',
  installs: /bun install/,
  run: (script) => `bun run ${script}`,
  test: 'bun test',
  names: [/^bunfig\.toml$/],
  paths: [],
  keys: [],
  readsAll: null,
};
