import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DOCUMENT_LIMITS,
  PEOPLE_LIMITS,
  parseYaml,
  stringifyYaml,
  type YamlLimits,
} from '../../../src/state/documents/yaml.ts';
import { anyText } from '../../support/any-text.ts';

const limits: YamlLimits = { maxBytes: 1_000_000, maxDepth: 32, maxNodes: 100_000 };

function problemOf(text: string, under: YamlLimits = limits): string {
  const outcome = parseYaml(text, under);
  if (outcome.ok) throw new Error(`accepted: ${JSON.stringify(outcome.value).slice(0, 100)}`);
  return outcome.problem;
}

describe('reading YAML', () => {
  it('reads maps, lists and scalars of the core schema', () => {
    expect(parseYaml('a: 1\nb: [x, "y", true, null]\nc:\n- d: 2025-01-01\n', limits)).toEqual({
      ok: true,
      value: { a: 1, b: ['x', 'y', true, null], c: [{ d: '2025-01-01' }] },
    });
  });

  it('reads a lone scalar and an empty text', () => {
    expect(parseYaml('hello', limits)).toEqual({ ok: true, value: 'hello' });
    expect(parseYaml('# nothing\n', limits)).toEqual({ ok: true, value: null });
  });

  it('names the line of a mistake', () => {
    expect(problemOf('a: 1\nb: [1, 2\nc: 3\n')).toMatch(/line \d/);
  });

  it('refuses a key that stands twice', () => {
    expect(problemOf('a: 1\na: 2\n')).toMatch(/unique/i);
  });

  it('refuses several documents in one text', () => {
    expect(parseYaml('a: 1\n---\nb: 2\n', limits).ok).toBe(false);
  });

  it('a key named __proto__ changes no prototype', () => {
    const outcome = parseYaml('__proto__:\n  polluted: true\n', limits);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(outcome.ok && Object.getPrototypeOf(outcome.value)).toBe(Object.prototype);
  });
});

describe('hostile YAML', () => {
  it('A58 yaml-bomb: an alias bomb is refused for its anchors', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 12; i += 1)
      lines.push(
        `a${i}: &a${i} [${Array(9)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
      );
    expect(problemOf(lines.join('\n'))).toBe('anchors (&name) are not accepted (line 1)');
  });

  it('A58 yaml-bomb: 100,000 opening brackets are refused for their depth', () => {
    expect(problemOf('['.repeat(100_000))).toBe('is nested deeper than 32 (line 1)');
    expect(problemOf('{a: '.repeat(100_000))).toBe('is nested deeper than 32 (line 1)');
  });

  it.each([
    ['sequence indicators', '- '.repeat(10_000)],
    ['explicit keys', '? '.repeat(10_000)],
    ['brackets behind a quoted text', `a: "x]]]" \nb: ${'['.repeat(50)}`],
    ['brackets in a key', `${'['.repeat(50)}${']'.repeat(50)}: 1`],
  ])('A58 yaml-bomb: nesting by %s is refused', (_name, text) => {
    expect(problemOf(text)).toMatch(/^is nested deeper/);
  });

  it('A58 yaml-bomb: nesting by indentation is refused', () => {
    const text = Array.from({ length: 500 }, (_, i) => `${' '.repeat(i)}a:`).join('\n');
    expect(problemOf(text)).toMatch(/^is nested deeper than 32 \(line 32\)/);
  });

  it('refuses aliases, tags and directives', () => {
    expect(problemOf('a: *x')).toMatch(/^aliases/);
    expect(problemOf('a: !!js/function x')).toMatch(/^tags/);
    expect(problemOf('%YAML 1.1\n---\na: 1')).toMatch(/^directives/);
  });

  it('refuses more bytes than the limit before looking at them', () => {
    expect(problemOf('x'.repeat(1_000_001))).toBe('has 1000001 bytes; at most 1000000 are read');
  });

  it('refuses more entries than the limit', () => {
    expect(problemOf('a:\n'.repeat(60_000))).toMatch(/^has more than 100000 entries/);
  });

  it('brackets and indentation inside texts are no nesting', () => {
    const text = `a: "${'['.repeat(100)}"\nb: |\n${Array.from({ length: 60 }, (_, i) => ' '.repeat(i + 2) + '- ['.repeat(9)).join('\n')}\n`;
    expect(parseYaml(text, limits).ok).toBe(true);
  });

  it('a megabyte of garbage is refused or read as text, and never throws', () => {
    let seed = 7;
    const bytes = Buffer.alloc(1_000_000);
    for (let i = 0; i < bytes.length; i += 1) {
      seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
      bytes[i] = seed >> 16;
    }
    expect(parseYaml(bytes.toString('utf8'), PEOPLE_LIMITS).ok).toBe(false);
    expect(() => parseYaml(bytes.toString('latin1'), DOCUMENT_LIMITS)).not.toThrow();
  });

  it('any text gives a value or a problem', () => {
    const pieces = fc.constantFrom(
      '[',
      ']',
      '{',
      '}',
      ':',
      ' ',
      '- ',
      '? ',
      '\n',
      '\n  ',
      '"',
      "'",
      '#',
      '|',
      '>',
      'a',
      '%',
      '\t',
      '\r',
      '\u0002',
      '\u001f',
      '\0',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
        parseYaml(parts.join(''), limits);
      }),
    );
  });
});

describe('writing YAML', () => {
  it('gives back whatever was written', () => {
    const scalar = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      anyText(),
      fc.constantFrom(
        '',
        ' ',
        '\n',
        'a\r\nb',
        '# x',
        '- x',
        '---',
        '...',
        'a: b',
        '~',
        'null',
        '1e3',
        '0x1',
        '\ufeff',
        '\u0085',
        ' x\n y\n',
      ),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (Object.is(n, -0) ? 0 : n)),
      fc.boolean(),
      fc.constant(null),
    );
    const tree = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        scalar,
        fc.array(tie('node'), { maxLength: 4 }),
        fc.dictionary(
          fc.string({ minLength: 1 }).filter((key) => key !== '__proto__'),
          tie('node'),
          { maxKeys: 4, noNullPrototype: true },
        ),
      ),
    })).node;
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('a', 'b'), tree, { noNullPrototype: true }), (value) => {
        expect(parseYaml(stringifyYaml(value), limits)).toEqual({ ok: true, value });
      }),
      { numRuns: 60 },
    );
  });
});
