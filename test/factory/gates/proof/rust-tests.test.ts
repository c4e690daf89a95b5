import { describe, expect, it } from 'vitest';
import { hasInlineTests, inlineTests } from '../../../../src/factory/gates/test-source/inline-tests.ts';
import { readTestFile, testPlaces } from '../../../../src/factory/gates/test-source/test-files.ts';
import { findBetween as find } from './two-commits.ts';

describe('tests of Rust', () => {
  const unit = '#[test]\nfn adds() { assert_eq!(add(2, 3), 5); }\n';
  const bent = unit.replace('5', '-1');

  it('puts a bent test back that stands bare in a file of the product', async () => {
    const { inline } = await find({ 'src/lib.rs': unit }, { 'src/lib.rs': bent });
    expect(inline).toEqual({ 'src/lib.rs': unit });
  });

  it('puts tests back that were moved out of a file of the product in the place where it names them', async () => {
    const base = `fn f() {}\n\n#[cfg(test)]\nmod tests {\n${unit}}\n`;
    const named = 'fn f() {}\n\n#[cfg(test)]\nmod tests;\n';
    const { inline } = await find({ 'src/sum.rs': base }, { 'src/sum.rs': named, 'src/sum/tests.rs': bent });
    expect(inline).toEqual({ 'src/sum.rs': base });
  });

  it.each([
    ['src/lib.rs', 'src/unit.rs'],
    ['src/sum.rs', 'src/sum/unit.rs'],
    ['src/lib.rs', 'src/unit/mod.rs'],
  ])('puts a module back as a whole that %s compiles for tests alone: %s', async (parent, path) => {
    const base = { [parent]: '#[cfg(test)]\nmod unit;\n', [path]: unit };
    const { paths, inline, support } = await find(base, { ...base, [path]: bent });
    expect({ paths, inline, support }).toEqual({
      paths: [{ path, before: true, after: true }],
      inline: {},
      support: [path],
    });
  });

  it('puts back what lies within such a module, and takes away what came in its place', async () => {
    const base = {
      'src/lib.rs': 'pub mod sum;\n#[cfg(test)] mod unit;\n',
      'src/unit.rs': 'mod help;\n',
      'src/unit/help.rs': 'pub fn sum() -> i32 { 5 }\n',
      'src/sum.rs': 'pub fn a() {}\n',
    };
    const { 'src/unit.rs': _gone, ...rest } = base;
    const head = {
      ...rest,
      'src/unit/mod.rs': 'mod help;\n',
      'src/unit/help.rs': 'pub fn sum() -> i32 { -1 }\n',
      'src/sum.rs': 'pub fn b() {}\n',
    };
    const { paths } = await find(base, head);
    expect(paths.map(({ path, before, after }) => [path, before, after])).toEqual([
      ['src/unit.rs', true, false],
      ['src/unit/help.rs', true, true],
      ['src/unit/mod.rs', false, true],
    ]);
  });

  it('puts a document back whose examples the code runs, and none that is only read or got more of them', async () => {
    const example = (words: string, value: number) =>
      `\`\`\`${words}\nassert_eq!(sum::add(2, 3), ${value});\n\`\`\`\n`;
    const lib = { 'src/lib.rs': '#![doc = include_str!("../README.md")]\n' };
    const found = async (old: string, now: string, base: Record<string, string> = lib) =>
      (await find({ ...base, 'README.md': old }, { ...base, 'README.md': now })).paths.map(
        ({ path }) => path,
      );
    for (const words of ['', 'rust', 'rust,should_panic'])
      expect(await found(example(words, 5), example(words, -1)), words).toEqual(['README.md']);
    expect(await found(example('', 5), example('ignore', 5))).toEqual(['README.md']);
    expect(await found(example('', 5), example('', -1), {})).toEqual([]);
    expect(await found(example('', 5), example('', 5) + example('rust', 7))).toEqual([]);
    expect(
      await found(`${example('sh', 1)}old\n${example('', 5)}`, `${example('sh', 2)}new\n${example('', 5)}`),
    ).toEqual([]);
  });
});

describe('a test in Rust', () => {
  const second = "#[test]\nfn second() { assert_eq!(g(), 'b'); }";
  it.each([
    ["struct Foo<'a> { s: &'a str }", 'Foo { s: "it\'s" }.s'],
    ['let text = r#"{"a": "}"}"#;', 'f(text)'],
    ['let path = r"C:\\";', 'f(path)'],
    ['let text = br##"{"#}{"##;', 'f(text)'],
    ['let text = "{\n{ // \\"";', 'f(text)'],
    [`let signs = ['{', '\\'', '"', '\\\\', b'{', '\\x7b', '\\u{7b}', '\u{1f600}'];`, 'f(&signs)'],
    ["'outer: loop { break 'outer; }", "f::<'_, '_>()"],
  ])('ends where its bracket does, and checks what it checks, with %s', (line, asked) => {
    const first = `#[test]\nfn first() {\n    ${line}\n    assert_eq!(${asked}, 1);\n}`;
    const text = `${first}\n\n${second}\n`;
    expect(readTestFile('a.rs', text)).toEqual({ titles: ['first', 'second'], skips: 0, hollow: [] });
    expect(testPlaces('a.rs', text).map(({ start, end }) => text.slice(start, end))).toEqual([first, second]);
    const module = `#[cfg(test)]\nmod tests {\n${text}}`;
    expect(inlineTests('a.rs', `${module}\nfn f() {}\n`).map(({ start, end }) => [start, end])).toEqual([
      [0, module.length],
    ]);
  });

  it('is none in a raw string, and checks nothing where only its strings do', () => {
    expect(hasInlineTests('a.rs', `const A: &str = r#"\n"\n${second}\n"#;\n`)).toBe(false);
    const text = '#[test]\nfn a<\'a>() { let s: &\'a str = r#"" assert_eq!(f(), 1)"#; }';
    expect(readTestFile('a.rs', text)?.hollow).toEqual(['a']);
  });
});
