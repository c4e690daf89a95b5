import { describe, expect, it } from 'vitest';
import { endMark } from '../../../src/git/start/end-mark.ts';

const MARK = '3f2a9c1e-0000-4000-8000-000000000000';

/** What is told of a stream that comes in these pieces. */
function told(...pieces: readonly (string | Buffer)[]) {
  const passed: Buffer[] = [];
  const codes: number[] = [];
  let strays = 0;
  const stream = endMark(MARK, {
    pass: (chunk) => passed.push(chunk),
    marked: (code) => codes.push(code),
    stray() {
      strays += 1;
    },
  });
  for (const piece of pieces) stream.take(Buffer.from(piece));
  return { text: () => Buffer.concat(passed).toString(), codes, strays: () => strays, flush: stream.flush };
}

describe('the end of one answer in a stream that goes on', () => {
  it.each([
    '',
    'a',
    'a\n',
    `${MARK}`,
    `${MARK}:`,
    `${MARK}:x\n${MARK.slice(0, 9)}`.replaceAll(MARK, 'other'),
    'ä漢🙂',
  ])('is found wherever the pieces of it part: %j', (text) => {
    const words = text.replaceAll(MARK, MARK.toUpperCase());
    const all = Buffer.from(`${words}${MARK}:128\n`);
    for (let first = 0; first <= all.length; first += 1)
      for (const second of [first, first + 1, first + 7, all.length]) {
        const [one, two] = [first, Math.max(first, Math.min(second, all.length))];
        const answer = told(all.subarray(0, one), all.subarray(one, two), all.subarray(two));
        expect([answer.text(), answer.codes, answer.strays()]).toEqual([words, [128], 0]);
      }
  });

  it.each([[`${MARK}:0\nwords`], [`${MARK}:0\n`, 'words\n'], [`${MARK}:`, '0\nwords']])(
    'is told once, and whatever comes behind it belongs to nobody: %j, %j',
    (...pieces) => {
      const answer = told('a', ...pieces);
      expect([answer.text(), answer.codes, answer.strays()]).toEqual(['a', [0], 1]);
    },
  );

  it('passes all on that was held back when there is none', () => {
    const answer = told('words', MARK.slice(0, 20));
    answer.flush();
    expect([answer.text(), answer.codes]).toEqual([`words${MARK.slice(0, 20)}`, []]);
  });
});
