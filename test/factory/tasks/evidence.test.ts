import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../../src/factory/model/task.ts';
import { isProved } from '../../../src/factory/tasks/list/count.ts';
import { onlyBlockedLeft, settleClaim } from '../../../src/factory/tasks/list/rules.ts';
import {
  completionConfidence,
  markStale,
  repeatedFailures,
  type WorkCommit,
  withEvidence,
} from '../../../src/factory/tasks/proof/evidence.ts';
import { claimWithoutWork } from '../../../src/factory/tasks/proof/prove.ts';
import { newestEvidence } from '../../../src/factory/tasks/proof/runs.ts';
import { uuidFrom } from '../../../src/lib/ids.ts';
import { NOW, sampleTask } from '../../support/samples.ts';

const BASE = 'a'.repeat(40);
const at = (letter: string) => letter.repeat(40);
const seen = (commit: string, passed = true, change: Partial<Evidence> = {}): Evidence => ({
  kind: 'criterion',
  name: 'tests',
  command: 'npm test',
  exitCode: passed ? 0 : 1,
  passed,
  commit,
  at: NOW,
  ...change,
});
const TASK = sampleTask({ status: 'completed', evidence: [seen(at('b'))], completionConfidence: 0.8 });
const commit = (letter: string, files: string[], task: string | null = null): WorkCommit => ({
  hash: at(letter),
  files,
  task,
});

describe('stale evidence', () => {
  it('is that of a task whose files a later commit touches', () => {
    const history = [commit('b', ['sum.js'], TASK.id), commit('c', ['other.js', 'sum.js'])];
    const marked = markStale(TASK, history, BASE);
    expect(marked.evidence[0]?.stale).toBe(true);
    expect(marked.completionConfidence).toBe(0.4);
  });

  it('is not that of a task whose files stay as they are', () => {
    const history = [commit('b', ['sum.js'], TASK.id), commit('c', ['other.js'])];
    expect(markStale(TASK, history, BASE)).toBe(TASK);
  });

  it('is any evidence before a commit, where no commit stands for the task', () => {
    const history = [commit('b', ['sum.js']), commit('c', ['other.js'])];
    expect(markStale(TASK, history, BASE).evidence[0]?.stale).toBe(true);
    expect(markStale(TASK, history.slice(0, 1), BASE)).toBe(TASK);
  });

  it('is what was seen at a commit that the branch does not hold any more', () => {
    expect(markStale(TASK, [commit('c', ['sum.js'], TASK.id)], BASE).evidence[0]?.stale).toBe(true);
  });

  it('is not marked twice: a second look changes nothing', () => {
    const history = [commit('b', ['sum.js'], TASK.id), commit('c', ['sum.js'])];
    const once = markStale(TASK, history, BASE);
    expect(markStale(once, history, BASE)).toBe(once);
  });

  it('is renewed by a new run of the same command', () => {
    const stale = { ...TASK, evidence: [{ ...seen(at('b')), stale: true }] };
    expect(settleClaim(stale, [seen(at('c'))], NOW, 'run').completionConfidence).toBe(0.8);
  });
});

describe('the ledger', () => {
  it('keeps the newest runs of each command and does not grow for ever', () => {
    let ledger: Evidence[] = [];
    for (let index = 0; index < 100; index += 1)
      ledger = withEvidence(ledger, [seen(at('b'), index % 2 === 0), seen(at('b'), true, { name: 'build' })]);
    expect(ledger).toHaveLength(8);
    expect(ledger.at(-1)?.name).toBe('build');
  });

  it('weighs stale evidence half', () => {
    const evidence = [{ ...seen(at('b')), stale: true }];
    expect(completionConfidence({ criteria: [], evidence })).toBe(0.4);
  });
});

describe('two criteria of one name', () => {
  const other = { command: 'npm test -- b' };

  it('have a newest run each, so that one that is red is not hidden by the other', () => {
    const evidence = [seen(at('b'), false), seen(at('b'), true, other)];
    expect(newestEvidence(evidence)).toEqual(evidence);
    expect(isProved({ evidence })).toBe(false);
    expect(completionConfidence({ criteria: [], evidence })).toBe(0);
    const three = Array.from({ length: 3 }, () => evidence).flat();
    expect(repeatedFailures(three)).toEqual([evidence[0]]);
    // Of a gate the newest run counts, whatever its command is by now.
    const gates = evidence.map((each) => ({ ...each, kind: 'gate' as const }));
    expect(isProved({ evidence: gates })).toBe(true);
  });
});

describe('the same failure', () => {
  it('three times at one commit is found, and not when something was changed or it failed differently', () => {
    const three = [seen(at('b'), false), seen(at('b'), false), seen(at('b'), false)];
    expect(repeatedFailures(three)).toHaveLength(1);
    expect(repeatedFailures(three.slice(1))).toEqual([]);
    expect(repeatedFailures([...three, seen(at('c'), false)])).toEqual([]);
    expect(repeatedFailures([...three, seen(at('b'), false, { exitCode: 2 })])).toEqual([]);
    expect(repeatedFailures([...three, seen(at('b'))])).toEqual([]);
  });

  it('blocks a claim with what was tried', () => {
    let task = sampleTask();
    for (let time = 0; time < 3; time += 1) task = settleClaim(task, [seen(at('b'), false)], NOW, 'run');
    expect(task).toMatchObject({ status: 'blocked', blockedBy: 'factory' });
    expect(task.verificationNotes.at(-1)).toMatch(/npm test.*3 times at commit bbbbbbbbbbbb/);
    expect(onlyBlockedLeft({ tasks: [task, TASK] })).toEqual([task]);
    expect(onlyBlockedLeft({ tasks: [TASK] })).toBeNull();
  });
});

describe('a claim without work', () => {
  const weak = { id: TASK.id, weaklySpecified: true };

  it('is any claim while nothing is committed', () => {
    expect(claimWithoutWork(TASK, [])).toContain('nothing was committed');
    expect(claimWithoutWork(TASK, [commit('b', ['x'])])).toBeNull();
  });

  it('is one of a weakly specified task right after the claim of another', () => {
    const other = commit('b', ['x'], uuidFrom('other'));
    expect(claimWithoutWork(weak, [other])).toContain('no criteria of its own');
    expect(claimWithoutWork(TASK, [other])).toBeNull();
    expect(claimWithoutWork(weak, [other, commit('c', ['y'])])).toBeNull();
    expect(claimWithoutWork(weak, [commit('c', ['y'], TASK.id), other])).toBeNull();
  });
});
