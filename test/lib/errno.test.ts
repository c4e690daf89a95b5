import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { errorCode, hasCode, isMissing, isUnseen, orNull, orNullSync } from '../../src/lib/errno.ts';
import { isAlive, isThere, processesWith, processIds, sendSignal } from '../../src/lib/process/others.ts';
import { shellQuote } from '../../src/lib/text/shell-quote.ts';
import { sourcesOf } from '../support/sources/sources.ts';

const failure = (code: unknown) => Object.assign(new Error('x'), { code });

describe('a failure of the system', () => {
  it('is known by its code, and nothing else is', () => {
    expect(
      [failure('ENOENT'), failure(7), new Error('ENOENT'), { code: 'ENOENT' }, null].map(errorCode),
    ).toEqual(['ENOENT', undefined, undefined, undefined, undefined]);
    expect([hasCode(failure('EEXIST'), 'EPERM', 'EEXIST'), hasCode(failure('EEXIST'))]).toEqual([
      true,
      false,
    ]);
    expect(['ENOENT', 'ENOTDIR', 'EACCES'].map((code) => isMissing(failure(code)))).toEqual([
      true,
      true,
      false,
    ]);
    expect(['ESRCH', 'EACCES', 'EIO'].map((code) => isUnseen(failure(code)))).toEqual([true, true, false]);
  });

  it('is null only for what is not there', async () => {
    expect(await orNull(readFile('/nowhere/at/all'))).toBeNull();
    expect(orNullSync(() => readFileSync('/nowhere/at/all'))).toBeNull();
    await expect(orNull(readFile('/'))).rejects.toMatchObject({ code: 'EISDIR' });
    expect(() => orNullSync(() => readFileSync('/'))).toThrow('EISDIR');
  });
});

describe('another process', () => {
  it('is there and alive, or neither', () => {
    const gone = 2 ** 22 + 7;
    expect([isThere(process.pid), isAlive(process.pid), isThere(gone), isAlive(gone)]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(() => sendSignal(gone, 'SIGKILL')).not.toThrow();
  });

  it.skipIf(process.platform !== 'linux')('is listed, but never this one by its mark', () => {
    expect(processIds()).toContain(process.pid);
    expect(processesWith(`PATH=${process.env['PATH']}`)).not.toContain(process.pid);
  });
});

describe('the program', () => {
  it.each([
    ['a code of the system', /'code' in \w+/, 'src/lib/errno.ts'],
    ['whether a process lives', /process\.kill\([^)]*, 0\)/, 'src/lib/process/others.ts'],
    ['the namespace of processes', /\/proc\/self\/ns\/pid/, 'src/lib/process/others.ts'],
    ['a word for a shell', /replaceAll\("'", /, 'src/lib/text/shell-quote.ts'],
  ])('looks at %s in one place', (_what, pattern, place) => {
    expect([...sourcesOf('src')].filter(([, text]) => pattern.test(text)).map(([file]) => file)).toEqual([
      place,
    ]);
  });

  it('passes words to a shell that are read as they are', () => {
    expect([shellQuote("it's"), shellQuote('$(x) `y` "z"\n')]).toEqual([`'it'\\''s'`, `'$(x) \`y\` "z"\n'`]);
  });
});
