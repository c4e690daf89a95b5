import { describe, expect, it } from 'vitest';
import { touchesIn } from '../../../../src/factory/gates/control/touches.ts';

describe('what a program is asked for by its arguments', () => {
  it.each([
    ['a.js', "if (process.argv.join(' ').includes('vitest')) fake();"],
    ['a.js', "if (process.argv.join().includes('test')) fake();"],
    ['a.js', "const fake = process.argv.some((each) => each.includes('/test/'));"],
    ['a.js', 'const fake = process.argv.some((each) => /[.]test[.]js$/.test(each));'],
    ['a.js', "const fake = process.argv.at(-1).endsWith('.test.js');"],
    ['a.js', "const fake = process.argv.includes('jest');"],
    ['a.js', "const fake = process.argv.slice(1).toString().includes('mocha');"],
    ['a.js', "const fake = process.argv.at(1).endsWith('/test.js');"],
    ['a.py', "fake = ' '.join(sys.argv).find('pytest') >= 0"],
    ['a.py', "fake = sys.argv[0].endswith('/test.py')"],
    ['a.py', "fake = sys.orig_argv[-1].startswith('test_')"],
  ])('A108 is a question where its own name is among them: %s %s', (path, text) => {
    expect(touchesIn(path, null, text)).not.toEqual([]);
    expect(touchesIn(path, text, text)).toEqual([]);
  });

  it.each([
    ['cli.js', "if (process.argv[2] === 'test') runTests();"],
    ['cli.js', "const watch = process.argv.includes('--test') || process.argv.includes('test');"],
    ['cli.js', "const isTest = process.argv.some((each) => each === 'test' || each === '--spec');"],
    ['cli.js', "const jest = process.argv.includes('--jest');"],
    ['cli.js', "const only = process.argv.find((each) => each.startsWith('--test='));"],
    ['cli.js', "yargs(process.argv.slice(2)).command('test', 'Runs vitest').parse();"],
    ['cli.js', "yargs(hideBin(process.argv)).command('test', 'Runs all tests').parse();"],
    ['manage.py', 'if sys.argv[1] == "test":\n    os.environ["A"] = "b"'],
    ['setup.py', "if sys.argv[-1] == 'test':\n    sys.exit(os.system('pytest'))"],
    ['cli.py', "if len(sys.argv) > 1 and sys.argv[1:] == ['test']: run()"],
  ])('is for its user to say behind that: %s %s', (path, text) => {
    expect(touchesIn(path, null, text)).toEqual([]);
  });
});
