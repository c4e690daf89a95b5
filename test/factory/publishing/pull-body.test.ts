import { expect, it } from 'vitest';
import { callingNobody, pullTitle } from '../../../src/factory/publishing/pull-body.ts';

/** What GitLab takes for an order to close an issue, wherever it stands. */
const CLOSES =
  /\b(?:clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing)|implement(?:s|ed|ing)?):? +(?:issues? +)?\S*(?:#\d|issues\/\d)/i;

it.each([
  'Fixes #3',
  'closes: acme/shop#3',
  'Implements issue #3',
  '`git commit -m "Resolve #3"`',
  'closing https://gitlab.com/acme/shop/-/issues/3',
])('closes no issue by the words of others: %s', (text) => {
  expect(text).toMatch(CLOSES);
  expect(callingNobody(text)).not.toMatch(CLOSES);
  expect(pullTitle(text)).not.toMatch(CLOSES);
});

it('leaves code as it is where nothing is closed, and titles refer to nothing', () => {
  expect(callingNobody('`npm run fix -- --color "#123456"; fix the login`')).toBe(
    '`npm run fix -- --color "#123456"; fix the login`',
  );
  expect(pullTitle('shop-3 Ask @ann about #4 and !5')).not.toMatch(/@ann|#4|!5/);
});
