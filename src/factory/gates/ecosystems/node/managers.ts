import { bun } from './bun.ts';
import { npm } from './npm.ts';
import type { PackageManager } from './package-manager.ts';
import { pnpm } from './pnpm.ts';
import { yarn } from './yarn.ts';

/** Where a repository has lock files of several, the first counts. */
export const MANAGERS: readonly PackageManager[] = [pnpm, yarn, bun, npm];
