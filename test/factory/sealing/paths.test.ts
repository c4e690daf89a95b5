import { describe, expect, it } from 'vitest';
import type { SealedFile } from '../../../src/factory/model/sealing/sealed.ts';
import { SEALED_LIMITS, sealedPathProblem, sealedSizeProblem } from '../../../src/factory/sealing/paths.ts';

const file = (path: string, bytes = 1): SealedFile => ({
  path,
  executable: false,
  content: Buffer.alloc(bytes, 'x'),
});
const base = ['package.json', 'src/add.js', 'test/add.test.js', 'docs'];

describe('where a persona may seal a file', () => {
  it.each([
    'test/sealed.test.js',
    'test/fixtures/data.json',
    'src/add.spec.ts',
    'pkg/add_test.go',
    'tests/test_add.py',
    'acceptance/run.sh',
  ])('%s is let in', (path) => {
    expect(sealedPathProblem(path, { base, files: [], command: 'sh acceptance/run.sh' })).toBeNull();
  });

  it.each([
    ['above the repository', '../test/x.test.js', /no plain relative path/],
    ['an absolute path', '/etc/test/x.test.js', /no plain relative path/],
    ['a step aside', 'test/./x.test.js', /no plain relative path/],
    ['another separator', 'test\\x.test.js', /no plain relative path/],
    ['a control character', 'test/x\n.test.js', /no plain relative path/],
    ['a very long name', `test/${'x'.repeat(300)}.test.js`, /no plain relative path/],
    ['the folder of git', '.git/hooks/test/x.test.js', /Nothing is sealed in \.git/],
    ['installed packages', 'node_modules/x/test/x.test.js', /Nothing is sealed in node_modules/],
    ['a definition of proof', 'test/vitest.config.ts', /says how work is proved/],
    ['a manifest', 'test/package.json', /says how work is proved/],
    ['a source file, which could be the very work', 'src/sum.js', /no path of a test/],
    ['a test of the repository', 'test/add.test.js', /in the repository already/],
    ['a folder in the place of a file', 'docs/test/x.test.js', /cannot lie beside docs/],
    ['a file in the place of a folder', 'test', /cannot lie beside test/],
    ['a part of a word of the command', 'npm', /no path of a test/],
    [
      'a file below another sealed file',
      'test/one.test.js/two.test.js',
      /cannot lie beside test\/one\.test\.js/,
    ],
  ])('%s is refused', (_, path, why) => {
    expect(
      sealedPathProblem(path, { base, files: [file('test/one.test.js')], command: 'npmx test' }),
    ).toMatch(why);
  });
});

describe('how much a persona may seal', () => {
  const { files: most, fileBytes, bytes } = SEALED_LIMITS;

  it('a file that is too large is refused', () => {
    expect(sealedSizeProblem('a', Buffer.alloc(fileBytes), [])).toBeNull();
    expect(sealedSizeProblem('a', Buffer.alloc(fileBytes + 1), [])).toMatch(/at most/);
  });

  it('too many files are refused, but an old one may be written anew', () => {
    const files = Array.from({ length: most }, (_, index) => file(`test/${index}.test.js`));
    expect(sealedSizeProblem('test/new.test.js', Buffer.from('x'), files)).toMatch(/the most/);
    expect(sealedSizeProblem('test/1.test.js', Buffer.from('x'), files)).toBeNull();
  });

  it('too much in all is refused', () => {
    const files = Array.from({ length: bytes / fileBytes }, (_, index) => file(`test/${index}`, fileBytes));
    expect(sealedSizeProblem('test/more', Buffer.from('x'), files)).toMatch(/All files together/);
  });
});
