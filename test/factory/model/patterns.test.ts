import { describe, expect, it } from 'vitest';
import {
  allower,
  distinct,
  findShapes,
  isRegularExpression,
  lineAt,
} from '../../../src/factory/model/secrets/secret-patterns.ts';
import {
  heldCommitText,
  listFindings,
  SecretsFound,
} from '../../../src/factory/model/secrets/secrets-found.ts';

/** Put together here, so that no key-like text stands in this file. */
const key = (...parts: string[]) => parts.join('');
const RANDOM = 'aB3dE5fG7hJ9kL1mN3pQ5rS7';

describe('shapes of keys', () => {
  it.each([
    ['Anthropic key', key('sk-', 'ant-', 'api03-', RANDOM)],
    ['API key (sk-…)', key('sk-', RANDOM)],
    ['API key (sk-…)', key('sk-', 'proj-', RANDOM)],
    ['Stripe key', key('sk_', 'live_', RANDOM)],
    ['GitHub token', key('gh', 'p_', RANDOM)],
    ['GitHub token', key('github_', 'pat_', RANDOM)],
    ['AWS access key', key('AK', 'IA', 'QWERTYUIOP123456')],
    ['private key', key('-----BEGIN RSA PRIV', 'ATE KEY-----\nMIIEowIBAAKCAQEA7bq\n')],
    ['private key', key('-----BEGIN PRIV', 'ATE KEY-----\\nMIIEowIBAAKCAQEA7bq\\n')],
  ])('are seen: %s', (kind, text) => {
    expect(findShapes(`const x = "${text}";`).map((span) => span.kind)).toEqual([kind]);
  });

  it.each([
    'sk-loading-spinner-container-primary',
    'a task-0123456789abcdef0123',
    'disk-0123456789abcdef01234567',
    'if (text.startsWith("-----BEGIN PRIVATE KEY-----")) return;',
    'ghp_ is how tokens begin',
    'AKIA is how keys begin',
    '0b8f1c1e-2f8e-4a3b-9c55-1c8f5c1c0001',
  ])('are not seen in %s', (text) => {
    expect(findShapes(text)).toEqual([]);
  });

  it('are found fast in a hostile text', () => {
    const text = key(
      'sk-',
      'a-'.repeat(50_000),
      '-----BEGIN ',
      'A '.repeat(50_000),
      'sk-ant '.repeat(50_000),
    );
    expect(findShapes(text)).toEqual([]);
  });
});

describe('what was found', () => {
  it('counts once for each place', () => {
    const spans = [
      { start: 5, end: 9, kind: 'b' },
      { start: 5, end: 20, kind: 'a' },
      { start: 20, end: 22, kind: 'c' },
    ];
    expect(distinct(spans).map(({ kind }) => kind)).toEqual(['a', 'c']);
  });

  it('stands in a line, counted from 1', () => {
    expect([0, 1, 2, 4].map((offset) => lineAt('a\nb\nc', offset))).toEqual([1, 1, 2, 3]);
  });

  it('is allowed by its path or by itself, where the owner says so', () => {
    const isAllowed = allower(['^test/fixtures/', 'EXAMPLE$']);
    expect(isAllowed('test/fixtures/a.js', 'x')).toBe(true);
    expect(isAllowed('src/a.js', 'AKIAEXAMPLE')).toBe(true);
    expect(isAllowed('src/test/fixtures/a.js', 'x')).toBe(false);
  });

  it('is allowed by regular expressions alone', () => {
    expect(isRegularExpression('^a.*$')).toBe(true);
    expect(isRegularExpression('a(')).toBe(false);
  });

  it('is told by file and line, and cut when there is much of it', () => {
    const findings = Array.from({ length: 30 }, (_, line) => ({ path: 'a.js', line, kind: 'npm' }));
    expect(listFindings(findings)).toMatch(/^a\.js:0 \(npm\), .* and 10 more$/);
    expect(new SecretsFound(findings)).toMatchObject({ code: 'secrets_found', findings });
    expect(heldCommitText(findings)).toContain('- a.js:29: npm');
  });
});
