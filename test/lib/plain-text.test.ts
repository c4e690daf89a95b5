import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainText } from '../../src/lib/text/plain-text.ts';
import { anyText } from '../support/any-text.ts';

describe('plainText', () => {
  it.each([
    ['ordinary text\twith tabs\nand lines – ünïcödé 😀', 'ordinary text\twith tabs\nand lines – ünïcödé 😀'],
    ['\u001b[1;31mred\u001b[0m', 'red'],
    ['\u001b[38;2;1;2;3m\u001b[2K\u001b[1Gx\u001b[?25l', 'x'],
    ['a\u001b[2Jb', 'ab'],
    ['\u001b]52;c;b3duZWQ=\u0007copied', 'copied'],
    ['\u001b]0;title\u001b\\text', 'text'],
    ['\u001b]8;;http://evil.example\u001b\\link\u001b]8;;\u001b\\', 'link'],
    ['\u001bP1$r0m\u001b\\x\u001b_apc\u001b\\y\u001b^pm\u001b\\z', 'xyz'],
    ['\u001bc\u001b(B\u001b7reset', 'reset'],
    ['\u009b31mred\u009d0;t\u009cx', 'redx'],
    ['progress 10%\rprogress 20%\r\ndone', 'progress 10%\nprogress 20%\ndone'],
    ['bell\u0007 null\u0000 delete\u007f', 'bell␇ null␀ delete␡'],
    ['safe\u202etxt.exe\u2066', 'safe<U+202E>txt.exe<U+2066>'],
    ['', ''],
  ])('A66 ansi-log: %j becomes %j', (text, plain) => {
    expect(plainText(text)).toBe(plain);
  });

  it('A66 ansi-log: a sequence without an end hides nothing of what follows', () => {
    expect(plainText('\u001b]0;title and then the error message')).toBe(
      '␛]0;title and then the error message',
    );
    expect(plainText('\u001b[')).toBe('␛[');
    expect(plainText('end\u001b')).toBe('end␛');
  });

  it('never lets a control character through, and says the same of its own answer', () => {
    const unit = fc.oneof(
      fc.constantFrom(
        '\u001b',
        '[',
        ']',
        '\u0007',
        '\u001b\\',
        '\r',
        '\n',
        '\t',
        '\u009b',
        '\u009d',
        'm',
        '0',
        '\u202e',
        'x',
      ),
      anyText({ maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 60 }), (units) => {
        const plain = plainText(units.join(''));
        expect(plain).not.toMatch(/[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/u);
        expect(plainText(plain)).toBe(plain);
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    ['open strings', '\u001b]'],
    ['open control sequences', '\u001b[0;'],
    ['escapes', '\u001b'],
    ['carriage returns', '\r'],
    ['bytes of a string sequence', '\u009d'],
  ])('takes linear time on many %s', (_, unit) => {
    // Quadratic time would take minutes here, which no test has.
    expect(plainText(unit.repeat(200_000))).toBeTypeOf('string');
  });
});
