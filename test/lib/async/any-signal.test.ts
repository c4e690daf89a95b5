import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { anySignal } from '../../../src/lib/async/any-signal.ts';

describe('a signal of several', () => {
  it('is aborted with the first of them, for its reason', () => {
    const [one, other] = [new AbortController(), new AbortController()];
    const { signal } = anySignal([one.signal, other.signal]);
    expect(signal.aborted).toBe(false);
    other.abort('enough');
    one.abort('too late');
    expect(signal.reason).toBe('enough');
  });

  it('is aborted from the start where one of them is', () => {
    expect(anySignal([new AbortController().signal, AbortSignal.abort('over')]).signal.reason).toBe('over');
  });

  it('leaves nothing at them once it is let go', () => {
    const lasting = new AbortController();
    const { signal, letGo } = anySignal([lasting.signal]);
    letGo();
    expect(getEventListeners(lasting.signal, 'abort')).toEqual([]);
    lasting.abort();
    expect(signal.aborted).toBe(false);
  });
});
