import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KEPT_TAIL } from '../../../src/sandbox/run/capture.ts';
import { OUTPUT_TEXT_LIMIT, outputText } from '../../../src/sandbox/run/output-text.ts';

const show = (bytes: Buffer, kept = bytes.length) =>
  outputText({
    bytes: bytes.length,
    kept,
    hash: '',
    head: bytes.subarray(0, 2 * KEPT_TAIL),
    tail: bytes.subarray(-KEPT_TAIL),
  });

describe('outputText', () => {
  it('gives a short output whole', () => {
    expect(show(Buffer.from('all of it\n'))).toBe('all of it\n');
    expect(show(Buffer.alloc(0))).toBe('');
    expect(show(Buffer.from('x'.repeat(OUTPUT_TEXT_LIMIT)))).toHaveLength(OUTPUT_TEXT_LIMIT);
  });

  it('gives head and tail of a long one, and says how much is missing and what the file lacks', () => {
    const text = show(Buffer.from(`BEGIN${'x'.repeat(50_000)}END`), 30_000);
    expect(text).toMatch(
      /^BEGINx+\n\[… \d+ of 50008 bytes left out; only the first 30000 were kept in the file …\]\nx+END$/,
    );
  });

  it('is at most 16 KiB of valid UTF-8 for any bytes', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom(...['😀', 'ü', '\0', '\u001b[31m', '\n'].map((text) => Buffer.from(text))),
    );
    fc.assert(
      fc.property(
        fc.array(piece, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 4_000 }),
        (pieces, times) => {
          const unit = Buffer.concat(pieces);
          const text = show(
            Buffer.concat(Array.from({ length: Math.min(times, 80_000 / (unit.length + 1)) }, () => unit)),
          );
          expect(Buffer.byteLength(text)).toBeLessThanOrEqual(OUTPUT_TEXT_LIMIT);
          expect(text.isWellFormed?.() ?? true).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('cuts no character in two', () => {
    const text = show(Buffer.from('ü😀'.repeat(20_000)));
    expect(text.replace(/\n\[….*…\]\n/, '')).toMatch(/^[ü😀]+$/u);
  });
});
