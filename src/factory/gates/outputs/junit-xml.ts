import { noTests, type TestRun, testRun } from './test-run.ts';

/** Up to the end of the tag. */
const ATTRIBUTES = /^(?:[^>"'/]|"[^"]*"|'[^']*')*/;

/** JUnit's XML on standard output, as many runners write it on request. */
export function readJunitXml(text: string): TestRun | null {
  if (!/<testsuites?\b[^>]*>/.test(text)) return null;
  const tests = noTests();
  for (const part of text.split(/<testcase\b/).slice(1)) {
    const attributes = ATTRIBUTES.exec(part)?.[0] ?? '';
    const isEmpty = part.startsWith('/>', attributes.length);
    const body = isEmpty ? '' : (part.slice(attributes.length).split('</testcase>')[0] ?? '');
    const [place, name] = [attribute(attributes, 'classname'), attribute(attributes, 'name')];
    const outcome = /<(?:failure|error)\b/.test(body)
      ? 'failed'
      : /<skipped\b/.test(body)
        ? 'skipped'
        : 'passed';
    tests[outcome].push(place === '' ? name : `${place} > ${name}`);
  }
  return testRun('junit-xml', tests);
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

function attribute(text: string, name: string): string {
  const value = new RegExp(`\\b${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(text);
  return (value?.[1] ?? value?.[2] ?? '').replace(
    /&(\w+);/g,
    (all, entity: string) => ENTITIES[entity] ?? all,
  );
}
