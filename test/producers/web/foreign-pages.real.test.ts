import { afterEach, beforeEach, expect, it } from 'vitest';
import { startWeb, type Web } from '../../../src/producers/web/web.ts';
import { askRaw, now, openBoards, TOKEN } from './boards.ts';

const { bus } = await openBoards();

/** Each test has a board of its own, which has seen no wrong token. */
let board: Web;
beforeEach(async () => {
  const common = { queues: bus.queues, host: '127.0.0.1', port: 0, token: TOKEN };
  board = await startWeb({ ...common, role: 'viewer', now });
});
afterEach(() => board.close());

/** As a browser says who asks; a program can say the same. */
const asked = (site: string, mode: string, destination: string) => ({
  'sec-fetch-site': site,
  'sec-fetch-mode': mode,
  'sec-fetch-dest': destination,
});
const TYPED = asked('none', 'navigate', 'document');
const FOLLOWED = asked('cross-site', 'navigate', 'document');
const MANY = 12;

async function open(token: string, headers: Record<string, string>): Promise<number> {
  return (await askRaw(board, `/?token=${token}`, { headers })).status;
}

async function tryMany(headers: Record<string, string>): Promise<number[]> {
  const answers: number[] = [];
  for (let each = 0; each < MANY; each += 1) answers.push(await open(`wrong-${each}`, headers));
  return [...new Set(answers)];
}

it.each([
  ['an image of a foreign page', asked('cross-site', 'no-cors', 'image')],
  ['a frame of a foreign page', asked('cross-site', 'navigate', 'iframe')],
  ['a request by a foreign page’s program', asked('cross-site', 'cors', 'empty')],
  ['an image of a page at another port of this machine', asked('same-site', 'no-cors', 'image')],
])(
  'A60 board-csrf: %s is refused whatever its token, and its wrong ones hold nobody up',
  async (_, headers) => {
    expect(await tryMany(headers)).toEqual([403]);
    expect(await open(TOKEN, headers)).toBe(403);
    expect([await open(TOKEN, {}), await open(TOKEN, TYPED), await open(TOKEN, FOLLOWED)]).toEqual([
      303, 303, 200,
    ]);
  },
);

it('a window that a foreign page sends here again and again is slowed down, and does not keep out who opens the printed link', async () => {
  expect(await tryMany(FOLLOWED)).toEqual([401, 429]);
  expect(await open(TOKEN, TYPED)).toBe(303);
});

it('a program that tries tokens is slowed down, whatever it says of itself, and keeps nobody out', async () => {
  expect(await tryMany({})).toEqual([401, 429]);
  expect(await open(TOKEN, TYPED)).toBe(303);
  expect(await tryMany(FOLLOWED)).toEqual([401, 429]);
});
