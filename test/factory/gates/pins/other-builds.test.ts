import { describe, expect, it } from 'vitest';
import { isDocument, isManifest } from '../../../../src/factory/gates/pins/definitions.ts';
import { mergeManifest } from '../../../../src/factory/gates/pins/manifest.ts';

describe('mergeManifest of composer.json', () => {
  const BASE = {
    require: { 'a/a': '^1' },
    'require-dev': { 'phpunit/phpunit': '^10' },
    'autoload-dev': { 'psr-4': { 'App\\Tests\\': 'tests/' } },
    scripts: { test: 'phpunit', lint: ['phpcs', '@stan'] },
    config: { 'bin-dir': 'vendor/bin' },
  };
  const base = JSON.stringify(BASE, null, 4);
  const merge = (more: object) =>
    mergeManifest('composer.json', base, JSON.stringify({ ...BASE, ...more }, null, 4));

  it.each<[string, object]>([
    ['another script', { scripts: { ...BASE.scripts, test: "echo 'OK (1 test, 1 assertion)'" } }],
    ['a script less', { scripts: { test: 'phpunit' } }],
    ['a script that an event runs', { scripts: { ...BASE.scripts, 'pre-command-run': 'cp fake vendor/' } }],
    ['another name for one', { 'scripts-aliases': { lint: ['test'] } }],
    ['a file that is loaded first', { 'autoload-dev': { ...BASE['autoload-dev'], files: ['fake.php'] } }],
    ['another place of tests', { 'autoload-dev': { 'psr-4': { 'App\\Tests\\': 'fake/' } } }],
    [
      'another place of some of them',
      { 'autoload-dev': { 'psr-4': { 'App\\Tests\\': 'tests/', 'App\\Tests\\Unit\\': 'fake/' } } },
    ],
    ['another folder of programs', { config: { 'bin-dir': 'bin' } }],
    ['packages of its own', { repositories: [{ type: 'path', url: './fake' }] }],
  ])('A55 keeps what decides about tests: %s', (_, more) => {
    const merged = merge({ ...more, license: 'MIT' });
    expect(merged?.changed).toBe(true);
    expect(JSON.parse(merged?.text ?? '')).toEqual({ ...BASE, license: 'MIT' });
  });

  it.each<[string, object]>([
    ['dependencies', { require: { 'a/a': '^2', 'b/b': '^1' } }],
    ['a plugin that may run', { config: { ...BASE.config, 'allow-plugins': { 'b/b': true } } }],
    ['a new script', { scripts: { ...BASE.scripts, docs: 'php docs.php' } }],
    [
      'one more folder of tests',
      { 'autoload-dev': { 'psr-4': { ...BASE['autoload-dev']['psr-4'], 'App\\Bench\\': 'bench/' } } },
    ],
    ['one more server of packages', { repositories: [{ type: 'vcs', url: 'https://git.example/b' }] }],
    ['namespaces of the product', { autoload: { 'psr-4': { 'App\\': 'src/' } } }],
  ])('leaves to work what is its own: %s', (_, more) => {
    expect(merge(more)?.changed).toBe(false);
  });
});

describe('mergeManifest of Gemfiles, mix.exs, build.sbt, angular.json', () => {
  const GEMFILE =
    "source 'https://rubygems.org'\nruby '3.2.0'\n\ngem 'rails', '~> 7.0'\n\ngroup :test do\n  gem 'rspec'\nend\n";
  const MIX =
    'defmodule A.MixProject do\n  use Mix.Project\n\n  def project do\n    [\n      app: :a,\n      version: "0.1.0",\n      deps: deps()\n    ]\n  end\n\n  defp deps do\n    [\n      {:jason, "~> 1.4"}\n    ]\n  end\nend\n';
  const SBT = 'name := "a"\nlibraryDependencies += "org.scalatest" %% "scalatest" % "3.2.0" % Test\n';
  const ANGULAR = JSON.stringify({
    projects: { a: { architect: { build: { options: { assets: [] } }, test: { builder: 'karma' } } } },
  });

  it.each([
    ['Gemfile', GEMFILE, `${GEMFILE}puts '1 example, 0 failures'\nexit 0\n`],
    ['Gemfile', GEMFILE, GEMFILE.replace("gem 'rspec'", "gem 'rspec', path: 'fake'")],
    ['Gemfile', GEMFILE, `${GEMFILE}gem 'rspec-core', git: 'fake'\n`],
    ['Gemfile', GEMFILE, `${GEMFILE}gem 'x', "#{exit 0}"\n`],
    ['Gemfile', GEMFILE, `${GEMFILE}eval_gemfile 'more'\n`],
    ['a.gemspec', 's.version = "1"\n', 's.version = "1"; exit 0\n'],
    ['mix.exs', MIX, MIX.replace('app: :a,', 'app: :a,\n      test_paths: ["fake"],')],
    ['mix.exs', MIX, MIX.replace('deps: deps()', 'deps: deps(),\n      aliases: [test: "cmd true"]')],
    ['mix.exs', MIX, MIX.replace('{:jason, "~> 1.4"}', '{:jason, path: "fake"}')],
    ['build.sbt', SBT, `${SBT}Test / test := {}\n`],
    ['build.sbt', SBT, `${SBT}Test / unmanagedSourceDirectories := Nil\n`],
    ['angular.json', ANGULAR, ANGULAR.replace('karma', './fake:run')],
    ['angular.json', ANGULAR, '{"projects":{}}'],
    ['a/project.json', '{"targets":{"test":{"executor":"a"}}}', '{"targets":{"test":{"executor":"b"}}}'],
  ])('A55 keeps what decides about tests in %s', (path, base, head) => {
    expect(head).not.toBe(base);
    expect(isManifest(path), path).toBe(true);
    const merged = mergeManifest(path, base, head);
    expect(merged?.changed).toBe(true);
    if (path.endsWith('.json')) expect(JSON.parse(merged?.text ?? '')).toEqual(JSON.parse(base));
    else expect(merged?.text).toBe(base);
  });

  it.each([
    ['Gemfile', GEMFILE, GEMFILE.replace("'~> 7.0'", "'~> 7.1', '>= 7.1.2' # newer")],
    ['Gemfile', GEMFILE, GEMFILE.replace("gem 'rspec'", "gem 'rspec'\n  gem 'webmock', require: false")],
    [
      'Gemfile',
      GEMFILE,
      `${GEMFILE}\ngroup :development, :test do\n  gem "rubocop", "~> 1", platforms: %i[mri]\nend\n`,
    ],
    [
      'a.gemspec',
      's.files = Dir["lib/*"]\n',
      's.files = Dir["lib/*"]\ns.add_dependency "b", "~> 1"\ns.version = A::VERSION\n',
    ],
    [
      'mix.exs',
      MIX,
      MIX.replace('"~> 1.4"}', '"~> 1.5"},\n      {:mox, "~> 1.0", only: :test}').replace('0.1.0', '0.2.0'),
    ],
    [
      'build.sbt',
      SBT,
      `${SBT.replace('3.2.0', '3.2.1')}libraryDependencies ++= Seq(\n  "a" % "b" % "1",\n  "c" %% "d" % v\n)\n`,
    ],
    ['angular.json', ANGULAR, ANGULAR.replace('[]', '["a"]')],
    ['a/project.json', '{"targets":{"test":{}}}', '{"targets":{"test":{},"serve":{"executor":"b"}}}'],
  ])('leaves to work in %s what is its own', (path, base, head) => {
    expect(mergeManifest(path, base, head)).toEqual({ changed: false, text: head });
  });

  it('reads in time what is written to take long', () => {
    for (const part of ['gem "a", ', 'gem "a", [:a ', 'group :a, ', 's.add_dependency "a", [', '"', "'"])
      for (const path of ['Gemfile', 'a.gemspec']) mergeManifest(path, '', part.repeat(4_000));
    for (const part of ['{:a, "1", only: [:a ', '{:a, "1", ', 'version: "'])
      mergeManifest('mix.exs', '', part.repeat(4_000));
    for (const part of ['libraryDependencies ++= Seq( "a" % "b" % "c" ', '"a" % '])
      mergeManifest('a.sbt', '', part.repeat(4_000));
  });
});

describe('words for people alone', () => {
  it('are no lists of packages and no build files', () => {
    for (const path of [
      'CMakeLists.txt',
      'src/CMakeLists.txt',
      'requirements/dev.txt',
      'dev-requirements.txt',
      'constraints.txt',
    ])
      expect(isDocument(path), path).toBe(false);
    for (const path of ['README.md', 'docs/a.rst', 'LICENSE.txt']) expect(isDocument(path), path).toBe(true);
  });
});
