import { describe, expect, it } from 'vitest';
import { findPins } from '../../../../src/factory/gates/pins/pins.ts';
import type { Project } from '../../../../src/factory/model/project.ts';

type Tree = Readonly<Record<string, string>>;

const PACKAGE = JSON.stringify({ scripts: { test: 'gulp test', css: 'grunt css' } });
const GULP = `const gulp = require('gulp');
const { mocha } = require('./gulp/mocha');

gulp.task('test', () => {
  return gulp
    .src('test/*.js')
    .pipe(mocha());
});

exports.lint = lint;
`;

/** What a gate with this command says of a commit, and lays over it. */
async function pinsOf(base: Tree, more: Tree, command: string) {
  const trees: Record<string, Tree> = { base, now: { ...base, ...more } };
  const git = {
    changedFiles: async () => Object.keys(more),
    listFiles: async (_: string, commit: string) => Object.keys(trees[commit] ?? {}),
    showFile: async (_: string, commit: string, path: string) => trees[commit]?.[path] ?? null,
  };
  const project = { repository: '/r', baseCommit: 'base' } as Project;
  const nobody = { allowAll: false, owner: [], agents: [] };
  const { changed, fromBase } = await findPins(git, project, 'now', nobody, [command]);
  return { changed: changed.map(({ path }) => path), fromBase };
}

describe('the file of a program that runs tasks', () => {
  const base = { 'package.json': PACKAGE, 'gulpfile.js': GULP, 'gulp/mocha.js': '', 'Gruntfile.js': 'grunt' };

  it.each<[string, Tree]>([
    ['other tests', { 'gulpfile.js': GULP.replace('mocha()', "mocha({ grep: 'adds', invert: true })") }],
    ['a step more', { 'gulpfile.js': GULP.replace('    .pipe', '    .pipe(none())\n    .pipe') }],
    ['the same task again', { 'gulpfile.js': `${GULP}gulp.task('test', async () => {});\n` }],
    ['the same name', { 'gulpfile.js': `${GULP}exports.test = async () => {};\n` }],
    ['a statement', { 'gulpfile.js': `${GULP}process.exit(0);\n` }],
    ['a statement first', { 'gulpfile.js': `process.exit(0);\n${GULP}` }],
    ['no tasks', { 'gulpfile.js': '' }],
    ['what it loads', { 'gulp/mocha.js': 'exports.mocha = none' }],
    ['a file that is read in its place', { 'gulpfile.mjs': '' }],
  ])('A55 is a definition where the gate starts that program: %s', async (_, more) => {
    const paths = Object.keys(more);
    expect(await pinsOf(base, more, 'npm test')).toEqual({ changed: paths, fromBase: paths });
  });

  it.each([
    `const css = require('css');\n${GULP}`,
    GULP.replace(
      'exports.lint',
      "gulp.task('css', () => {\n  return gulp.src('a.css');\n});\n\nexports.lint",
    ),
    `${GULP}\n// Pages.\nfunction pages() {\n  return gulp.src('a');\n}\nexports.pages = pages;\n`,
  ])('may get more tasks, and is still the base’s in the gate', async (text) => {
    expect(await pinsOf(base, { 'gulpfile.js': text }, 'npm test')).toEqual({
      changed: [],
      fromBase: ['gulpfile.js'],
    });
  });

  it('is ordinary work where no check asks for that program', async () => {
    const more = { 'gulpfile.js': '', 'Gruntfile.js': 'other', 'build.xml': '<a/>' };
    expect(await pinsOf(base, more, 'node --test')).toEqual({ changed: [], fromBase: [] });
  });

  it('A55 counts in a package of a workspace by the scripts of its own that prove something', async () => {
    const ofPackage = (scripts: Tree) => ({
      'package.json': '{"workspaces":["a"]}',
      'a/package.json': JSON.stringify({ scripts }),
      'a/gulpfile.js': GULP,
    });
    const more = { 'a/gulpfile.js': '' };
    const command = 'npm test --workspaces';
    expect((await pinsOf(ofPackage({ test: 'gulp test' }), more, command)).changed).toEqual([
      'a/gulpfile.js',
    ]);
    expect((await pinsOf(ofPackage({ build: 'gulp' }), more, command)).changed).toEqual([]);
  });

  it.each([
    [
      'Gruntfile.js',
      'grunt test',
      "module.exports = function (grunt) {\n  grunt.registerTask('test', ['mocha']);\n};\n",
      "  grunt.registerTask('docs', ['jsdoc']);\n};",
      "  grunt.registerTask('test', []);\n};",
      '};',
    ],
    [
      'tasks.py',
      'inv test',
      'from invoke import task\n\n\n@task\ndef test(c):\n    c.run("pytest")\n',
      '@task\ndef docs(c):\n    c.run("sphinx")\n\n\n@task\ndef test(c):',
      'from fake import test\n\n\n@task\ndef test(c):',
      '@task\ndef test(c):',
    ],
    [
      'Rakefile',
      'rake test',
      'task :test do\n  sh "ruby test.rb"\nend\n',
      'task :docs do\n  sh "rdoc"\nend\ntask :test do',
      'task :test do\nend\ntask :test do',
      'task :test do',
    ],
  ])('A55 tells in a %s a new task from another one', async (path, command, text, fresh, other, place) => {
    expect(text).toContain(place);
    const changed = async (to: string) =>
      (await pinsOf({ [path]: text }, { [path]: text.replace(place, to) }, command)).changed;
    expect(await changed(fresh)).toEqual([]);
    expect(await changed(other)).toEqual([path]);
  });
});

describe('a file of CMake that the base commit does not have', () => {
  const base = { 'CMakeLists.txt': 'add_test(NAME a COMMAND a)\n' };
  const pins = (path: string, text: string) => pinsOf(base, { [path]: text }, 'ctest');

  it.each([
    ['cmake/more.cmake', 'function(add_test)\nendfunction()\n'],
    ['lib/CMakeLists.txt', 'add_compile_definitions(NDEBUG)\n'],
  ])('A55 is a definition where it replaces what tests are made by: %s', async (path, text) => {
    expect(await pins(path, text)).toEqual({ changed: [path], fromBase: [path] });
  });

  it.each([
    ['cmake/more.cmake', 'function(my_library name)\n  add_library(a)\nendfunction()\n'],
    ['lib/CMakeLists.txt', 'add_executable(t test.c)\nadd_test(NAME t COMMAND t)\n'],
  ])('is ordinary work otherwise: %s', async (path, text) => {
    expect(await pins(path, text)).toEqual({ changed: [], fromBase: [] });
  });
});
