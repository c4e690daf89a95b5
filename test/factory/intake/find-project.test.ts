import { expect, test } from 'vitest';
import { placeOfIssue, placesOf } from '../../../src/factory/intake/find-project.ts';

test('the place of an issue is that of its repository at both forges, below another address, and under names that it had', () => {
  const at = (url: string, name: string, ...formerly: string[]) =>
    placesOf({ url, name, lacks: null }, formerly);
  expect(at('https://github.com/Acme/shop', 'Acme/shop')).toEqual([
    placeOfIssue({ url: 'https://github.com/acme/Shop/issues/7' }),
  ]);
  const below = at('https://acme.org/git/web/new/shop', 'web/new/shop', 'web/old', 'Other/shop');
  expect(below).toEqual(
    ['web/new/shop', 'web/old', 'other/shop'].map((name) =>
      placeOfIssue({ url: `https://acme.org/git/${name}/-/issues/7` }),
    ),
  );
  for (const url of [
    'https://gitlab.org/git/web/new/shop/-/issues/7',
    'https://acme.org/web/new/shop/-/issues/7',
    'https://acme.org/git/x/web/new/shop/-/issues/7',
  ])
    expect(below).not.toContain(placeOfIssue({ url }));
  expect(below).toContain(placeOfIssue({ url: 'https://acme.org/git/web/new/shop/-/work_items/7' }));
});
