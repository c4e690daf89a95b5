import { type PackageManager, runBy } from './package-manager.ts';

export const pnpm: PackageManager = {
  name: 'pnpm',
  programs: ['pnpm'],
  lockFiles: ['pnpm-lock.yaml'],
  install: 'pnpm install --frozen-lockfile',
  unlocked: 'pnpm install --no-frozen-lockfile',
  installs: /pnpm (?:install|i)/,
  run: runBy('pnpm'),
  test: null,
  names: [/^\.?pnpmfile\.c?js$/, /^pnpm-workspace\.yaml$/],
  paths: [],
  keys: ['pnpm'],
  readsAll: /(^|\/)\.?pnpmfile\.c?js$/,
};
