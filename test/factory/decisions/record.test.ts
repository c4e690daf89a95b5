import { describe, expect, test } from 'vitest';
import { decisionRecord } from '../../../src/factory/decisions/merge/record.ts';
import { figures } from './figures-fixture.ts';
import { makeFork } from './fork-fixture.ts';

const HOSTILE =
  '# Owned\n===\n<img src=x onerror=alert(1)> [click](http://evil) `x` | \u001b]52;c;AA\u0007 **bold**\n- item';

describe('the record of a decision', () => {
  const fork = makeFork();
  const ids = fork.branches.map(({ projectId }) => projectId);
  const known = [
    figures(ids[0] ?? '', { option: 'SQLite' }),
    figures(ids[1] ?? '', { option: 'A file', cost: 2 }),
  ];

  test('tells question, options, evidence, choice, what the loser found out, and cost', () => {
    const { path, text } = decisionRecord(fork, known, 7);
    expect(path).toBe('docs/decisions/0007-where-do-carts-live.md');
    for (const part of [
      '# 7. Where do carts live?',
      '> Where do carts live?',
      '### SQLite',
      'Stated confidence 0.50',
      '> One file, real queries.',
      '|  | SQLite | A file |',
      '| gate | passed, 3 of 3 | passed, 3 of 3 |',
      '| cost | $1.0000 | $2.0000 |',
      '**SQLite**, by evidence.',
      '> Only SQLite is proved.',
      '## What the others found out\n\n### A file\n\n> Locks are hard.',
      '- all branches: $3.2500',
    ])
      expect(text).toContain(part);
    expect(text).toMatch(/[^\n]\n$/);
  });

  test('nothing that an agent or a judge wrote becomes markup, a control sequence or a path', () => {
    const [first, second] = fork.branches;
    if (first === undefined || second === undefined) throw new Error('two branches');
    const hostile = {
      ...fork,
      question: `../../${HOSTILE}`,
      branches: [
        { ...first, option: HOSTILE, description: HOSTILE },
        { ...second, option: HOSTILE.repeat(200), learnt: HOSTILE },
      ],
      choice: { projectId: first.projectId, by: 'judge' as const, why: HOSTILE },
    };
    const { path, text } = decisionRecord(hostile, [figures(first.projectId, { option: HOSTILE })], 12);
    expect(path).toMatch(/^docs\/decisions\/0012-[a-z0-9-]{1,60}\.md$/);
    expect(text).not.toContain('\u001b');
    const outsideCode = text.replace(/(`+)[\s\S]*?[^`]\1(?!`)/g, '');
    expect(outsideCode).not.toMatch(/^(> ?)?(# Owned|===|- item)/m);
    expect(outsideCode).not.toMatch(/(?<!\\)<img|(?<!\\)\]\(http|(?<!\\)\*\*bold/);
    for (const line of text.split('\n').filter((each) => /^#|^\|/.test(each)))
      expect(line.length).toBeLessThan(400);
  });

  test('stands without a choice, without figures and with a question of no letters', () => {
    const { choice: _choice, ...open } = fork;
    const { path, text } = decisionRecord({ ...open, question: '⚖️' }, [], 1);
    expect(path).toBe('docs/decisions/0001-decision.md');
    expect(text).toContain('None of them was taken.');
    expect(text).toContain('Nothing is left of the branches to measure.');
    expect(text).toContain('- SQLite: $1.2500');
  });
});
