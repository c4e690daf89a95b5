import { describe } from 'vitest';
import type { SandboxMechanism } from '../../src/factory/ports.ts';

/** The systems that have them. What such a system lacks is not skipped: there it fails. */
const SYSTEMS = [
  ['bubblewrap', 'linux'],
  ['unshare', 'linux'],
  ['sandbox-exec', 'darwin'],
] as const;

type Suite = (mode: SandboxMechanism) => void;

/** Runs a suite for every mechanism, and without one. */
export function eachSandbox(suite: Suite): void {
  eachIsolation(suite);
  describe('off', () => suite('off'));
}

/** Runs a suite for every mechanism that keeps commands in. */
export function eachIsolation(suite: Suite): void {
  for (const [mode, system] of SYSTEMS)
    if (system === process.platform) describe(mode, () => suite(mode));
    else describe.skip(`${mode}, which only ${system} has`, () => suite(mode));
}
