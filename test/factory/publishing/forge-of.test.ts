import { expect, it } from 'vitest';
import { forgeOf } from '../../../src/factory/publishing/forge-of.ts';
import { isFailure } from '../../../src/lib/failure.ts';

const hintOf = (url: string): string => {
  try {
    forgeOf({ schemaVersion: 1, version: 1, forges: [] }, { remote: 'origin', url });
    return '';
  } catch (error) {
    return isFailure(error, 'forge_missing') ? error.hint : String(error);
  }
};

it.each([
  ['https://github.com/acme/shop.git', '--kind github --repo acme/shop --token-env'],
  ['git@gitlab.com:acme/web/shop.git', '--kind gitlab --repo acme/web/shop --token-env'],
  [
    'ssh://git@gitlab.acme.org:2222/acme/web/shop',
    '--kind gitlab --repo acme/web/shop --url https://gitlab.acme.org --token',
  ],
  [
    'https://code.acme.org:8443/acme/shop',
    '--kind github|gitlab --repo acme/shop --url https://code.acme.org:8443 --token',
  ],
  ['/srv/git/shop.git', '--kind github|gitlab --repo OWNER/NAME --token-env'],
])('says how the forge of %s is added', (url, expected) => {
  expect(hintOf(url)).toContain(expected);
});
