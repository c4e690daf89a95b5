import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { carriesStep, commitMessage } from '../../../src/git/commit/message.ts';
import { anyText } from '../../support/any-text.ts';

const trailers = { project: 'p-1', step: 'engineer/3/call_9', task: 't-1' };
const END = '\n\nDF-Project: p-1\nDF-Step: engineer/3/call_9\nDF-Task: t-1\n';

describe('commitMessage', () => {
  it('puts the trailers last, in a paragraph of their own', () => {
    expect(commitMessage('Add login', trailers)).toBe(`Add login${END}`);
    expect(commitMessage('Add login\n\nBecause.\nSigned-off-by: me', trailers)).toBe(
      `Add login\n\nBecause.\nSigned-off-by: me${END}`,
    );
  });

  it('leaves the task out when there is none', () => {
    expect(commitMessage('x', { project: 'p', step: 's' })).toBe('x\n\nDF-Project: p\nDF-Step: s\n');
  });

  it('keeps the agent from saying a trailer of the factory', () => {
    const message = commitMessage('Fake\n\nDF-Step: engineer/9/x\ndf-project : other', trailers);
    expect(message).toBe(`Fake\n\n> DF-Step: engineer/9/x\n> df-project : other${END}`);
    expect(carriesStep(message, { project: 'other', step: 'engineer/9/x' })).toBe(false);
    expect(carriesStep(message, trailers)).toBe(true);
  });

  it('A171 skip-ci: keeps the agent from switching the checks of a forge off', () => {
    for (const mark of [
      'skip ci',
      'CI skip',
      'no ci',
      'skip actions',
      'actions  skip',
      'Skip-CI',
      'skip azp',
    ])
      for (const message of [`[${mark}] Add login`, `Add login\n\n--- [${mark}].`])
        expect(commitMessage(message, trailers).replace('\n ---', '\n---')).toBe(
          `${message.replace('[', '(').replace(']', ')')}${END}`,
        );
    expect(commitMessage('Add [skip [skip ci]] ***NO_CI*** ****no_ci***', trailers)).toBe(
      `Add [skip (skip ci)] ***NO-CI*** ****NO-CI***${END}`,
    );
    expect(commitMessage('Add\n\n\nskip-checks: true', trailers)).toBe(`Add\n\n\n> skip-checks: true${END}`);
  });

  it('leaves words alone that only look like such marks', () => {
    const message =
      'Skip CI on forks [1]\n\nReads rows[skip - 1], list[skip-1] and [skip](https://a.b); NO_CI is *not* read.\n[ ] skip checks: no';
    expect(commitMessage(message, trailers)).toBe(`${message}${END}`);
  });

  it('has a subject for every message, and a short one', () => {
    expect(commitMessage(' \n\n ', trailers)).toBe(`Work of a step${END}`);
    const [subject = '', blank] = commitMessage('x'.repeat(900), trailers).split('\n');
    expect(subject.length).toBe(200);
    expect(blank).toBe('');
  });

  it('cuts a message of 100 KB and says so', () => {
    const message = commitMessage(`Big\n\n${'y\n'.repeat(50_000)}`, trailers);
    expect(message.length).toBeLessThan(17_000);
    expect(message).toContain('more characters were cut]');
    expect(message.endsWith(END)).toBe(true);
  });

  it('takes NUL, escape sequences and broken surrogates away', () => {
    expect(commitMessage('a\u0000b\u001b[2Jc\r\nd\ud800', trailers)).toBe(`ab[2Jc\nd\ufffd${END}`);
  });

  it('does not end the message where an agent writes ---', () => {
    expect(commitMessage('a\n\n---\nb', trailers)).toBe(`a\n\n ---\nb${END}`);
  });

  it('finds its own trailers again whatever the step is called and the agent says', () => {
    const text = anyText({ minLength: 1 });
    fc.assert(
      fc.property(text, text, text, (message, step, other) => {
        const mine = { project: 'p', step };
        const written = commitMessage(message, mine);
        expect(carriesStep(written, mine)).toBe(true);
        if (other.toWellFormed() !== step.toWellFormed())
          expect(carriesStep(written, { project: 'p', step: other })).toBe(false);
        expect(carriesStep(written, { project: 'q', step })).toBe(false);
      }),
    );
  });
});
