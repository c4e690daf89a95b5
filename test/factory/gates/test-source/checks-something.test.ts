import { describe, expect, it } from 'vitest';
import { findWeakenings } from '../../../../src/factory/gates/proof/test-changes.ts';
import { readTestFile } from '../../../../src/factory/gates/test-source/test-files.ts';

const hollow = (path: string, text: string) => readTestFile(path, text)?.hollow;

describe('a test of Rust', () => {
  const panics = '#[test]\n#[should_panic(expected = "{none}")]\nfn a() { divide(1, 0); }\n';

  it('that must panic checks something', () => {
    expect(hollow('a.rs', panics)).toEqual([]);
    expect(hollow('a.rs', '#[should_panic]\n#[test]\nfn a() { divide(1, 0); }\n')).toEqual([]);
  });

  it.each([
    '#[test]\nfn a() { divide(1, 0); }\n',
    '#[test]\n// #[should_panic]\nfn a() { divide(1, 0); }\n',
    `#[test]\nfn a() { divide(1, 0); }\n${panics.replace('a()', 'b()')}`,
  ])('that need not does not: %s', (text) => {
    expect(hollow('a.rs', text)).toEqual(['a']);
  });
});

describe('a test of JavaScript with a callback', () => {
  it.each([
    "it('a', function (done) { this.timeout(5000); router.handle({ url: '/' }, { end: done }); });",
    "it('a', (done) => { server.close(done); });",
    "it('a', done => server.close(done));",
    "it('a', { timeout: 5 }, (done) => { socket.on('close', done); });",
    "it('a', (cb: () => void) => { run(() => { cb(); }); });",
    "it('a', function named(done) { run(function (err) { done(err); }); });",
    "it('a', (done) => { socket.on('error', done); run(); setTimeout(done, 10); });",
  ])('that what it tests must call checks something: %s', (text) => {
    expect(hollow('a.test.ts', text)).toEqual([]);
  });

  it.each([
    "it('a', (done) => { run(); done(); });",
    "it('a', (done) => { run(); });",
    "it('a', done => done());",
    "it('a', (cb: () => void) => { run(); cb(); });",
    "it('a', (done: DoneCallback) => { run(); done(); });",
    "it('a', function (done) { run(); setTimeout(done, 10); });",
    "it('a', (done) => { run(); setImmediate(() => { done(); }); });",
    "it('a', (request) => { send(request); });",
  ])('that it calls itself, or never, does not: %s', (text) => {
    expect(hollow('a.test.ts', text)).toEqual(['a']);
  });

  it('is quickly told in hostile text', () => {
    expect(hollow('a.test.js', `it('a', (done) => { ${'done();\n'.repeat(5_000)} });`)).toEqual(['a']);
    const deep = `${'{'.repeat(20_000)}${'}'.repeat(20_000)}`;
    expect(hollow('a.test.js', `it('a', (done) => { ${deep} done(); });`)).toEqual(['a']);
  });
});

describe('a test of Go', () => {
  const test = (body: string) => `func TestRace(t *testing.T) {\n${body}}\n`;
  const go = '\tgo func() {\n\t\tlogger.Info("a")\n\t}()\n';

  it.each([go + go, `${go}\twg.Wait()\n`, `${go}\t<-done\n`, '\twg.Go(func() { run() })\n\twg.Wait()\n'])(
    'with work side by side checks something: %s',
    (body) => {
      expect(hollow('a_test.go', test(body))).toEqual([]);
    },
  );

  it.each([go, '\twg.Wait()\n', '\t// go run()\n\t// go run()\n\trun()\n'])(
    'with one thing that nobody waits for does not: %s',
    (body) => {
      expect(hollow('a_test.go', test(body))).toEqual(['TestRace']);
    },
  );

  it('is no example that nothing runs, and one that was run is deleted with its output', () => {
    const example = (end: string) => `func ExampleAdd() {\n\tfmt.Println(sum.Add(1, 2))\n${end}}\n`;
    const [before, after] = ['\t// Output: 3\n', ''].map((end) => readTestFile('a_test.go', example(end)));
    expect(before?.titles).toEqual(['ExampleAdd']);
    expect(after).toMatchObject({ titles: [], hollow: [] });
    const files = [{ path: 'a_test.go', before: before ?? null, after: after ?? null }];
    const words = { allowAll: false, owner: [], agents: [] };
    expect(findWeakenings({ files }, words)).toMatchObject([{ kind: 'deleted', tests: ['ExampleAdd'] }]);
  });
});
