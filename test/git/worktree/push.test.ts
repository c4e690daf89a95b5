import { describe, expect, it } from 'vitest';
import { DEAD_URL, refusal, withBlock } from '../../../src/git/worktree/push.ts';

const settings = (...entries: [string, string][]) => ({
  guards: [],
  hasFilters: false,
  settings: entries.map(([key, value]) => ({ key, value, outside: false })),
});

describe('refusal', () => {
  it('gives every remote a dead push URL and rewrites push URLs that are there already', () => {
    const text = refusal(
      settings(['remote.origin.url', 'git@host:a.git'], ['remote.up.pushurl', 'https://host/b']),
      '/admin/hooks',
    );
    expect(text).toContain(`[remote "origin"]\n\tpushurl = "${DEAD_URL}"`);
    expect(text).toContain(`[remote "up"]\n\tpushurl = "${DEAD_URL}"`);
    expect(text).toContain('\tpushInsteadOf = "git@host:a.git"');
    expect(text).toContain('\tinsteadOf = "https://host/b"');
    expect(text).toContain('\tpushInsteadOf = ""');
    expect(text).toContain('\thooksPath = "/admin/hooks"');
  });

  it('quotes what could end a name or a value', () => {
    const text = refusal(settings(['remote.a"b\\c.url', 'x"\n[alias]']), '/a "b"');
    expect(text).toContain('[remote "a\\"b\\\\c"]');
    expect(text).toContain('"x\\"\\n[alias]"');
    expect(text).toContain('hooksPath = "/a \\"b\\""');
  });
});

describe('withBlock', () => {
  const block = refusal(settings(), '/hooks');

  it('adds the block after what stands there, and replaces it the next time', () => {
    const once = withBlock('[core]\n\tsparseCheckout = true\n', block);
    expect(once).toBe(`[core]\n\tsparseCheckout = true\n${block}`);
    expect(withBlock(once, block)).toBe(once);
    const other = refusal(settings(), '/other');
    expect(withBlock(once, other)).toBe(`[core]\n\tsparseCheckout = true\n${other}`);
  });

  it('does not glue itself to a last line without an end', () => {
    expect(withBlock('[core]', block)).toBe(`[core]\n${block}`);
    expect(withBlock('', block)).toBe(block);
  });
});
