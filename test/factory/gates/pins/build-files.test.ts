import { describe, expect, it } from 'vitest';
import { mergeManifest } from '../../../../src/factory/gates/pins/manifest.ts';

describe('mergeManifest of go.mod', () => {
  const base =
    'module a\n\ngo 1.22\n\nrequire (\n\tgithub.com/stretchr/testify v1.8.0\n\tb v1.0.0 // indirect\n)\n\nreplace b => ../b\n';
  const merge = (head: string) => mergeManifest('go.mod', base, head);

  it.each([
    `${base}replace github.com/stretchr/testify => ./t\n`,
    `${base}replace (\n\t"github.com/stretchr/testify" v1.8.0 => ./t // why\n)\n`,
    `${base}replace(\n\tgithub.com/stretchr/testify => ./t\n)\n`,
    base.replace('../b', './c'),
    base.replace('replace b => ../b\n', ''),
  ])('keeps what stands in for the modules of the base commit: %s', (head) => {
    const merged = merge(head.replace('b v1.0.0', 'b v1.1.0'));
    expect(merged?.changed).toBe(true);
    expect(merged?.text).toContain('b v1.1.0');
    expect(merged?.text).not.toContain('./t');
    expect(merged?.text.match(/^replace b => .*$/gm)).toEqual(['replace b => ../b']);
  });

  it.each([
    base.replace('v1.8.0', 'v1.9.0'),
    base.replace('replace b => ../b', 'replace (\n\tb => ../b // beside this one\n)'),
    base.replace('\tb v', '\tc v0.0.0\n\tb v').concat('replace c => ../c\n'),
    `${base}replace github.com/stretchr/testify => github.com/stretchr/testify v1.8.1\n`,
  ])('leaves other versions, new modules and layout to work: %s', (head) => {
    expect(merge(head)).toEqual({ changed: false, text: head });
  });
});

describe('mergeManifest of Cargo.toml', () => {
  const base =
    '[package]\nname = "a"\n\n[dependencies]\nserde = "1"\n\n[dev-dependencies]\npretty_assertions = "1"\nown = { path = "own" }\n';
  const changed = (head: string) => mergeManifest('Cargo.toml', base, head)?.changed;

  it.each([
    `${base}[patch.crates-io]\npretty_assertions = { path = "fake" }\n`,
    `${base}[patch.crates-io.pretty_assertions]\npath = "fake"\n`,
    `${base}[replace]\n"pretty_assertions:1.0.0" = { path = "fake" }\n`,
    `patch.crates-io.pretty_assertions = { path = "fake" }\n${base}`,
    base.replace('pretty_assertions = "1"', 'pretty_assertions = { path = "fake" }'),
    base.replace('pretty_assertions = "1"', 'pretty_assertions.path = "fake"'),
    base.replace('pretty_assertions = "1"', 'pretty_assertions = { version = "1", package = "fake" }'),
    base
      .replace('pretty_assertions = "1"\n', '')
      .concat('\n[dev-dependencies.pretty_assertions]\npath = "fake"\n'),
  ])('keeps packages that tests use from being replaced: %s', (head) => {
    expect(changed(head)).toBe(true);
  });

  const without = base.replace('pretty_assertions = "1"\n', '');
  const OWN = 'pretty_assertions = { path = "fake" }\n';

  it.each([
    without.replace('serde = "1"\n', `serde = "1"\n${OWN}`),
    `${without}\n[target.'cfg(unix)'.dependencies]\n${OWN}`,
    `${without}\n[dependencies.pretty-assertions]\ngit = "https://example.com/a"\n`,
    `dependencies = { serde = "1", ${OWN.trim()} }\n${without.replace('[dependencies]\nserde = "1"\n', '')}`,
    `${without}\n[lib]\nname = "pretty_assertions"\n`,
    without.replace('name = "a"', 'name = "pretty-assertions"'),
  ])('A143 crates: keeps a package of tests from being replaced by its name anywhere: %s', (head) => {
    expect(changed(head)).toBe(true);
  });

  it.each([
    without.replace('serde = "1"', 'serde = "1"\npretty_assertions = "1"'),
    without,
    base.replace('serde = "1"', 'serde = { git = "https://example.com/serde" }'),
    base.replace('name = "a"', 'name = "adder"').concat('\n[lib]\nname = "adder_core"\n'),
  ])('leaves other sections, sources and names of its own to work: %s', (head) => {
    expect(changed(head)).toBe(false);
  });

  it.each([
    base.replace('pretty_assertions = "1"', 'pretty_assertions = { version = "2", features = ["a"] }'),
    base.replace('serde = "1"', 'serde = "2"\ncore = { path = "core" }'),
    `${base}helper = { path = "helper" }\n`,
    base.replace('path = "own"', 'path = "tools/own"'),
  ])('leaves versions and new packages to work: %s', (head) => {
    expect(changed(head)).toBe(false);
  });
});

describe('mergeManifest of Maven and Gradle', () => {
  it('pins how Maven and Gradle run tests, and leaves them dependencies', () => {
    const pom = '<project><version>1</version><dependencies></dependencies><build><a/></build></project>';
    const changed = (path: string, old: string, now: string) => mergeManifest(path, old, now)?.changed;
    expect(changed('pom.xml', pom, pom.replace('<dependencies>', '<dependencies><dependency/>'))).toBe(false);
    expect(changed('pom.xml', pom, pom.replace('<a/>', '<skip/>'))).toBe(true);
    const skip = '<properties><skipTests>true</skipTests></properties><build>';
    expect(changed('pom.xml', pom, pom.replace('<build>', skip))).toBe(true);
    const gradle =
      'plugins { id "java" }\ndependencies {\n  constraints { api "b" }\n}\ntest { useJUnitPlatform() }\n';
    expect(changed('build.gradle', gradle, gradle.replace('api "b"', 'api "b"\n  api "d"'))).toBe(false);
    expect(changed('build.gradle', gradle, gradle.replace('useJUnit', 'enabled = false\nuseJUnit'))).toBe(
      true,
    );
  });

  it.each([
    [
      'build.gradle',
      "dependencies { api 'a:a:1'\n project.tasks.withType(Test).configureEach { ignoreFailures = true } }",
    ],
    ['build.gradle', "dependencies {\n  api 'a:a:1'; test.ignoreFailures = true\n}"],
    ['build.gradle', "dependencies {\n  api 'a:a:1', { test.ignoreFailures = true }\n}"],
    ['build.gradle', "dependencies {\n  api('a:a:1') { test.ignoreFailures = true }\n}"],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Groovy's
    ['build.gradle', 'dependencies {\n  api "a:a:${test.ignoreFailures = true}"\n}'],
    ['build.gradle', "dependencies {\n  apply from: 'other.gradle'\n}"],
    ['build.gradle', "dependencies {\n  delete 'src/test'\n}"],
    ['build.gradle', "version = '2'; test.ignoreFailures = true"],
    ['build.gradle', "version '2', test.ignoreFailures = true"],
    ['build.gradle', "def a = '''\n// '''; test.ignoreFailures = true\n"],
    ['build.gradle', "def a = ~/'/; def b = '//'; test.ignoreFailures = true\n"],
    ['build.gradle.kts', 'dependencies { tasks.test { ignoreFailures = true } }'],
    ['build.gradle.kts', 'dependencies {\n  api("a:a:1").also { tasks.test { ignoreFailures = true } }\n}'],
    ['build.gradle.kts', 'version = "2".also { tasks.test { ignoreFailures = true } }'],
    [
      'pom.xml',
      '<properties><maven.test.failure.ignore><![CDATA[true]]></maven.test.failure.ignore></properties>',
    ],
    [
      'pom.xml',
      '<properties><a><![CDATA[<!--]]></a><skipTests>true</skipTests><a><![CDATA[-->]]></a></properties>',
    ],
    ['pom.xml', '<properties><a><![CDATA[</properties>]]></a><skipTests>true</skipTests></properties>'],
    ['pom.xml', '<properties><skipTests a="b">true</skipTests></properties>'],
    ['pom.xml', '<properties a="b"><skipTests>true</skipTests></properties>'],
  ])('pins what stands in %s beside ordinary work: %s', (path, work) => {
    const base = path === 'pom.xml' ? '<project></project>' : 'plugins { id("java") }\n';
    const head = path === 'pom.xml' ? `<project>${work}</project>` : `${base}${work}\n`;
    expect(mergeManifest(path, base, head)).toEqual({ changed: true, text: base });
  });

  it.each([
    [
      'build.gradle',
      "dependencies {\n  implementation 'a:a:1' // why\n  testImplementation group: 'a', name: 'b', version: \"$v\"\n}",
    ],
    [
      'build.gradle',
      "dependencies {\n  testImplementation platform('a:bom:1')\n  runtimeOnly libs.a.b, libs.c\n}",
    ],
    [
      'build.gradle',
      "dependencies {\n  api project(':core')\n  testImplementation testFixtures(project(path: ':a'))\n}",
    ],
    [
      'build.gradle',
      "dependencies {\n  api('a:a:1') {\n    exclude group: 'b', module: 'c'\n    transitive = false\n  }\n}",
    ],
    [
      'build.gradle',
      "dependencies {\n  constraints { api('a:a') { version { strictly '1' }\n because 'of it' } }\n}",
    ],
    ['build.gradle', "group = 'a'\nversion '2'\n  description = \"it's $name\""],
    [
      'build.gradle.kts',
      'dependencies {\n  implementation(platform(libs.a.bom))\n  "kapt"("a:a:1")\n  testImplementation(kotlin("test"))\n}',
    ],
    [
      'build.gradle.kts',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Kotlin's
      'dependencies {\n  api("a:a:${libs.versions.a.get()}") {\n    exclude(group = "b", module = "c")\n    isTransitive = false\n  }\n}',
    ],
    [
      'build.gradle.kts',
      'dependencies {\n  api(project(":core"))\n  constraints {\n    api("a:a:1") { because("of it") }\n  }\n}',
    ],
    ['build.gradle.kts', 'group = "a"\nversion = "2"'],
    ['pom.xml', '<properties><a.version><![CDATA[2]]></a.version></properties><!-- </project> -->'],
  ])('leaves to work in %s what is its own: %s', (path, work) => {
    const base = path === 'pom.xml' ? '<project></project>' : 'plugins { id("java") }\n';
    const head = path === 'pom.xml' ? `<project>${work}</project>` : `${base}${work}\n`;
    expect(mergeManifest(path, base, head)).toEqual({ changed: false, text: head });
  });

  it('reads in time what is written to take long', () => {
    for (const part of [
      'api "',
      "api 'a', ",
      'api(project(',
      'a.',
      'dependencies {',
      'group: a, ',
      'api a.a { exclude ',
    ])
      mergeManifest('build.gradle', '', `dependencies {\n api ${part.repeat(4_000)}\n}`);
  });
});
