import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPieces } from '../../../src/state/documents/pieces.ts';
import { DOCUMENT_LIMITS, parseYaml, stringifyYaml } from '../../../src/state/documents/yaml.ts';

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(
    '',
    '- x',
    '\n- x\n',
    'a:\n  b\n',
    '# end',
    '#\n#',
    '  x\ny',
    '\n\n',
    'x\n\n\n',
    '---\nx',
    '"',
    '[',
    '\r\n-',
  ),
);
const part = fc.oneof(
  text,
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.array(text, { maxLength: 3 }),
  fc.array(
    fc.dictionary(fc.constantFrom('k', 'l'), fc.oneof(text, fc.array(text, { maxLength: 2 })), {
      noNullPrototype: true,
    }),
    { maxLength: 4 },
  ),
  fc.array(fc.array(text, { maxLength: 2 }), { maxLength: 3 }),
  fc.dictionary(fc.constantFrom('k', 'l'), fc.array(text, { maxLength: 2 }), { noNullPrototype: true }),
);
const document = fc.dictionary(fc.constantFrom('version', 'tasks', 'name', 'other'), part, {
  noNullPrototype: true,
});

describe('a document in pieces', () => {
  it('means the same as a whole, whatever was parsed before', () => {
    const pieces = createPieces();
    fc.assert(
      fc.property(document, (value) => {
        const body = pieces.format(value);
        expect(parseYaml(body, DOCUMENT_LIMITS)).toEqual({ ok: true, value });
        if (body !== '{}\n') expect(pieces.parse(body)).toEqual(value);
        expect(createPieces().parse(body) ?? {}).toEqual(value);
      }),
      { numRuns: 50 },
    );
  });

  it.each(['- a\n', 'a: 1\na: 2\n', 'a: 1\n- b\n', '[a]\n', 'text\n', 'a: [\n', '? a\n: b\n? c\n'])(
    'leaves to the whole parser what it did not write: %j',
    (body) => {
      expect(createPieces().parse(body)).toBeNull();
    },
  );
});

it('what is written without the library reads as it would write it', () => {
  const words = [
    ...[
      'a',
      'df/x/2026-01-01',
      'Null',
      'a.b',
      'x-',
      '/tmp/x',
      '-',
      'inf',
      '.inf',
      'ja:',
      'e1',
      '1e1',
      'nan',
      'x--y',
      '',
    ],
    ...[1, -5, 0, -0, 1e21, 1.5, true, false, new Date(), null, 'a'.repeat(61)],
  ];
  for (const word of words)
    for (const key of ['k', 'true', 'a b'])
      expect(createPieces().format({ [key]: word })).toBe(stringifyYaml({ [key]: word }));
});
