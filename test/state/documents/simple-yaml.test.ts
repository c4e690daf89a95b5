import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSimpleYaml } from '../../../src/state/documents/simple-yaml.ts';
import { DOCUMENT_LIMITS, parseYaml, stringifyYaml } from '../../../src/state/documents/yaml.ts';

const words = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.stringMatching(/^[\w/.:# "'|>&*!%@`~,=+-]{0,8}$/),
  fc.stringMatching(/^[-+.]?[\dxoe][\dxoef.+-]{0,6}$/),
  fc.constantFrom(
    'null',
    'Null',
    'true',
    'FALSE',
    '~',
    'yes',
    '.inf',
    '-.INF',
    '.nan',
    '0x1F',
    '0o17',
    '1e5',
    '1.',
    '.5',
  ),
  fc.constantFrom(
    '2026-11-29T14:52:33.080Z',
    '003ed2d1-79bc-4b45-938c-590ec0384606',
    'http://a:80/b#c',
    'a #b',
    'a: b',
  ),
  fc.constantFrom('__proto__', 'constructor', 'a:', ':a', '- a', '-', '', 'a\nb', 'a\n', '\u0085', '\u2028'),
);
const scalar = fc.oneof(
  words,
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);
const { value: any } = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, scalar, tie('list'), tie('map')),
  list: fc.array(tie('value'), { maxLength: 3 }),
  map: fc.dictionary(words, tie('value'), { maxKeys: 3, noNullPrototype: true }),
}));

/** It is left to the parser of all of YAML, or means what it means there. */
function expectSame(text: string): void {
  const simple = parseSimpleYaml(text);
  if (simple === undefined) return;
  const whole = parseYaml(text, DOCUMENT_LIMITS);
  expect(isDeepStrictEqual({ ok: true, value: simple }, whole)).toBe(true);
}

describe('simple YAML', () => {
  it('means what it means to a parser of all of YAML, or is left to it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.array(any), fc.dictionary(words, any, { noNullPrototype: true })), (value) => {
        expectSame(stringifyYaml(value));
      }),
      { numRuns: 150 },
    );
  });

  it('means the same when lines are taken out, doubled, moved or indented', () => {
    const line = fc.tuple(
      fc.constantFrom('', '', '  ', '    ', ' '),
      fc.constantFrom('', '', '- ', '-', '- - '),
      fc.constantFrom('a:', 'a: ', 'b: ', 'c:  ', '1: ', 'true: ', '"d": ', '? ', ''),
      fc.oneof(
        words,
        fc.constantFrom('', '1', 'x', '[]', '{}', '[a]', '"q"', "'s'", '|', '>-', '&x', '"q" # c', 'x # c'),
      ),
    );
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), (lines) => {
        expectSame(lines.map((parts) => `${parts.join('')}\n`).join(''));
      }),
      { numRuns: 400 },
    );
  });

  it('reads what state consists of', () => {
    const value = {
      id: '003ed2d1-79bc-4b45-938c-590ec0384606',
      createdAt: '2026-11-29T14:52:33.080Z',
      totalCost: 0.25,
      personas: [
        { templateName: 'engineer', acceptanceCriteria: { testsPass: true, customChecks: [] }, priority: 1 },
      ],
      settings: { commands: { test: 'true', lint: null, format: 'npm run "format"' }, names: ['a', 'b'] },
      treeForks: {},
    };
    expect(parseSimpleYaml(stringifyYaml(value))).toEqual(value);
  });

  it('leaves what is nested too deep to a parser that counts', () => {
    const deep = Array.from({ length: 200 }, (_, depth) => `${' '.repeat(2 * depth)}a:\n`).join('');
    expect(parseSimpleYaml(deep)).toBeUndefined();
  });
});
