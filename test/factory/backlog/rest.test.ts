import { expect, test } from 'vitest';
import { mayRest } from '../../../src/factory/backlog/rest.ts';
import { makeProject } from '../../producers/cli/fixtures.ts';

test.each([
  ['provider', {}, true],
  ['budget', {}, false],
  ['budget', { tooSmall: true }, true],
] as const)(
  'a project that goes on by itself later gives its place to others meanwhile: for %s %j: %s',
  (cause, more, may) => {
    const waiting = { for: cause, detail: 'x', since: new Date(0), until: new Date(9), ...more };
    expect(mayRest(makeProject({ status: 'paused', started: true, prepared: true, waiting }))).toBe(may);
  },
);
