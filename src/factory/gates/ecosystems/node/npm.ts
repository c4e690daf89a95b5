import { type PackageManager, runBy } from './package-manager.ts';

export const npm: PackageManager = {
  name: 'npm',
  programs: ['npm', 'npx'],
  lockFiles: ['package-lock.json', 'npm-shrinkwrap.json'],
  install: 'npm ci',
  unlocked: 'npm install --package-lock --no-audit --no-fund',
  installs: /npm (?:ci|install|i)/,
  run: runBy('npm'),
  test: null,
  names: [/^\.npmrc$/],
  paths: [],
  keys: [],
  readsAll: null,
};
