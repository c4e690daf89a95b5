import { expect, test } from 'vitest';
import { judgeHome, type Place } from '../../../../src/producers/cli/commands/doctor/home-check.ts';

const me = { uid: 1000, gid: 1000 };
const home = { path: '/h/u/df', uid: 1000, gid: 1000, mode: 0o40700 };
const own = { path: '/h/u', uid: 1000, gid: 1000, mode: 0o40755 };
const top = { path: '/', uid: 0, gid: 0, mode: 0o40755 };
const judge = (over: Partial<Place>, parent: Partial<Place> = {}) =>
  judgeHome([{ ...home, ...over }, { ...own, ...parent }, top], me);

test.each([
  [{}, {}],
  [{}, { mode: 0o40775 }],
  [{}, { path: '/tmp', uid: 0, gid: 0, mode: 0o41777 }],
])('df doctor finds nothing to say of a home that only its owner can reach: %j below %j', (over, parent) => {
  expect(judge(over, parent)).toMatchObject({ status: 'ok' });
});

test.each([
  [{ mode: 0o40750 }, {}, 'open to others (mode 0750)'],
  [{ mode: 0o40701 }, {}, 'open to others'],
  [{ uid: 1001 }, {}, 'belongs to another user'],
  [{}, { mode: 0o40777 }, 'others can write in /h/u'],
  [{}, { mode: 0o40775, gid: 50 }, 'others can write in /h/u'],
  [{}, { uid: 1001 }, 'others can write in /h/u'],
])('df doctor warns of a home that others could read or replace: %j below %j', (over, parent, said) => {
  expect(judge(over, parent)).toMatchObject({ status: 'warn', detail: expect.stringContaining(said) });
});
