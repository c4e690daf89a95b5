import { expect, it } from 'vitest';
import type { ForgesFile } from '../../../src/factory/model/forge/forge.ts';
import { ForgeNotNow } from '../../../src/factory/ports.ts';
import { askForge } from '../../../src/factory/publishing/ask-forge.ts';
import { newForge } from '../../../src/factory/publishing/forges.ts';
import { DarkFactoryError } from '../../../src/lib/failure.ts';

const HOUR_MS = 3_600_000;
const NOW = new Date('2026-11-29T12:00:00Z');
const away = (until: Date) => new ForgeNotNow('forge_away', 'no answer', until);
const refusal = () =>
  new DarkFactoryError('failed', 'forge_token_refused', 'It refuses the token', 'Renew it.');

it.each(['is away', 'refuses the token'])(
  'A140 a forge that %s is asked again after its pause, also when the clock was set back since, and not sooner again',
  async (what) => {
    let file: ForgesFile = {
      version: 1,
      forges: [{ ...newForge({ kind: 'github', repository: 'acme/shop' }, 'env:T', NOW), id: 'shop' }],
    } as ForgesFile;
    let now = NOW;
    let asked = 0;
    const ask = (ms: number) => {
      now = new Date(NOW.getTime() + ms);
      const trouble = what === 'is away' ? away(new Date(now.getTime() + HOUR_MS)) : refusal();
      const forges = () => ({
        get: async () => file,
        update: async (change: (file: ForgesFile) => ForgesFile) => {
          file = change(file);
          return file;
        },
      });
      return askForge(
        {
          state: { forges } as never,
          openForge: async () => {
            asked += 1;
            throw trouble;
          },
          record: async () => undefined,
          now: () => now,
        },
        'shop',
        async () => 'answer',
      );
    };
    // The first time by the right clock, so that the pause began then.
    for (const ms of [0, 1_000 * HOUR_MS, 1_000.5 * HOUR_MS]) await ask(ms);
    expect(asked).toBe(2);
    await ask(HOUR_MS / 2);
    expect(asked).toBe(3);
    await ask(HOUR_MS);
    expect(asked).toBe(3);
    await ask(2 * HOUR_MS);
    expect(asked).toBe(4);
  },
);
