import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsePersona } from '../../src/state/personas.ts';
import { library, SPECIFIED, short } from './persona-support.ts';
import { withFolder } from './support.ts';

const front = (yaml: string) => parsePersona(`---\n${yaml}\n---\nBody\n`, '/p/x.md');

describe.concurrent('a persona template', () => {
  it('is read as in the specification', () => {
    expect(parsePersona(SPECIFIED, '/p/engineer.md')).toEqual({
      ok: true,
      template: {
        name: 'engineer',
        version: '1.0.0',
        description: 'Software engineer persona for feature development',
        config: {
          testsPass: true,
          lintPass: true,
          formatPass: true,
          customChecks: [{ name: 'Build succeeds', command: 'npm run build', expectedExitCode: 0 }],
        },
        body: '# Engineer Persona\n\nYou are an engineer.\n---\nnot front matter',
        path: '/p/engineer.md',
      },
    });
  });

  it('may come with a byte order mark and Windows line ends', () => {
    expect(parsePersona(`\ufeff${SPECIFIED.replaceAll('\n', '\r\n')}`, '/p/engineer.md')).toMatchObject({
      ok: true,
      template: { name: 'engineer', config: { testsPass: true } },
    });
  });

  it('asks for nothing that it does not name', () => {
    expect(front('name: x\nversion: 2')).toMatchObject({
      ok: true,
      template: {
        version: '2',
        config: { testsPass: false, lintPass: false, formatPass: false, customChecks: [] },
      },
    });
  });

  it('may say which model works for it, how hard that thinks, and with which tools', () => {
    expect(front('name: x\nmodel: small\neffort: high\ntools: [bash, read_file]')).toMatchObject({
      ok: true,
      template: { model: 'small', effort: 'high', tools: ['bash', 'read_file'] },
    });
  });

  it.each([
    [
      'a misspelt criterion',
      'name: x\nacceptance_criteria:\n  test_pass: true',
      /acceptance_criteria.*test_pass/,
    ],
    ['a misspelt key', 'name: x\nacceptance_critera: {}', /acceptance_critera/],
    [
      'a criterion that is no boolean',
      'name: x\nacceptance_criteria:\n  tests_pass: "yes"',
      /acceptance_criteria\.tests_pass/,
    ],
    [
      'a check without a command',
      'name: x\nacceptance_criteria:\n  custom_checks: [{name: a}]',
      /custom_checks\.0\.command/,
    ],
    [
      'an exit code that is none',
      'name: x\nacceptance_criteria:\n  custom_checks: [{name: a, command: b, expected_exit_code: 300}]',
      /expected_exit_code/,
    ],
    [
      'a tool that is none, with its line',
      'name: x\ntools:\n  - bash\n  - bsh',
      /tools\.1: there is no tool "bsh"; there are bash, read_file.*\(line 5\)/,
    ],
    ['no tools at all', 'name: x\ntools: []', /tools/],
    ['an effort that is none', 'name: x\neffort: maximal', /effort.*\(line 3\)/],
    ['a misspelt key, with its line', 'name: x\nversion: 1\nmodell: small', /modell.*\(line 4\)/],
    ['no name', 'version: 1', /name/],
    ['a name that is a path', 'name: ../x', /name/],
    ['broken YAML', 'name: [x', /front matter/],
  ])('is refused for %s', (_what, yaml, problem) => {
    expect(front(yaml)).toMatchObject({ ok: false, problem: expect.stringMatching(problem) });
  });

  it.each([
    ['', 'does not begin'],
    ['# Engineer\n', 'does not begin'],
    ['text\n---\nname: x\n---\nBody', 'does not begin'],
    ['---js\nmodule.exports = 1\n---\nBody', 'does not begin'],
    ['---\nname: x\n', 'does not begin'],
    ['---\nname: x\n---\n \n', 'no text below'],
  ])('is refused without front matter or body: %j', (text, problem) => {
    expect(parsePersona(text, '/p/x.md')).toMatchObject({
      ok: false,
      problem: expect.stringContaining(problem),
    });
  });

  it('A58 yaml-bomb: hostile front matter is refused before it is parsed', () => {
    const aliases = [
      'a0: &a0 [x, x]',
      ...Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`),
    ];
    expect(front(aliases.join('\n'))).toMatchObject({
      ok: false,
      problem: expect.stringContaining('anchors'),
    });
    expect(front(`name: ${'['.repeat(50_000)}`)).toMatchObject({
      ok: false,
      problem: expect.stringContaining('nested'),
    });
    expect(front(`name: ${'['.repeat(100_000)}`)).toMatchObject({
      ok: false,
      problem: expect.stringContaining('bytes'),
    });
    expect(front(Array.from({ length: 9_000 }, (_, i) => `k${i}:`).join('\n'))).toMatchObject({ ok: false });
  });
});

describe.concurrent('what is no template', () => {
  it.each([
    ['a link that leads back to itself', (file: string) => symlink(file, file), 'leads back to itself'],
    ['a link that leads nowhere', (file: string) => symlink('/no/such/file', file), 'leads nowhere'],
    ['a folder', (file: string) => mkdir(file), 'no regular file'],
    ['a device', (file: string) => symlink('/dev/zero', file), 'no regular file'],
    [
      'binary data',
      (file: string) =>
        writeFile(file, Buffer.concat([Buffer.from(short('odd')), Buffer.from([0xff, 0xfe])])),
      'not UTF-8 text',
    ],
    ['far too large', (file: string) => writeFile(file, short('odd', 'x'.repeat(300_000))), 'at most'],
  ])('%s is named with its problem and hides no other file', (_kind, make, problem) =>
    withFolder(async (folder) => {
      const { personas, home } = await library(folder);
      await writeFile(join(home, 'plain.md'), short('plain'));
      await make(join(home, 'odd.md'));
      const found = await personas.list(null);
      expect(found.personas.map(({ name }) => name)).toEqual(['plain']);
      expect(found.problems).toEqual([
        { file: join(home, 'odd.md'), problem: expect.stringContaining(problem) },
      ]);
      await expect(personas.load(null, 'odd')).rejects.toMatchObject({ code: 'persona_invalid' });
    }),
  );
});
