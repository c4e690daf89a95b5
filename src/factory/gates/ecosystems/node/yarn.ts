import { type PackageManager, runBy } from './package-manager.ts';

export const yarn: PackageManager = {
  name: 'yarn',
  programs: ['yarn'],
  lockFiles: ['yarn.lock'],
  install: 'yarn install --frozen-lockfile',
  unlocked: 'YARN_ENABLE_IMMUTABLE_INSTALLS=false yarn install',
  installs: /yarn install/,
  run: runBy('yarn'),
  test: null,
  names: [/^\.yarnrc(\.yml)?$/, /^\.pnp\.((loader\.)?[cm]?js|data\.json)$/],
  paths: [/^\.yarn\/((releases|plugins|sdks)\/|$)/],
  keys: [],
  readsAll: /(^|\/)\.yarn\//,
};
