import { expect, it } from 'vitest';
import type { ForgeConfig } from '../../../src/factory/model/forge/forge.ts';
import { forgeOf } from '../../../src/factory/publishing/forge-of.ts';
import { newForge } from '../../../src/factory/publishing/forges.ts';
import { isFailure } from '../../../src/lib/failure.ts';

const forge = (id: string, repository: string, url: string) =>
  newForge({ kind: 'github', id, repository, url }, 'env:T', new Date(0));
const known = (...forges: ForgeConfig[]) => ({ schemaVersion: 1 as const, version: 1, forges });

it('goes by host and name, whatever the port; a nameless place on this machine is the forge that alone can be meant', () => {
  const shop = forge('shop', 'acme/shop', 'http://127.0.0.1:4000');
  const other = forge('other', 'acme/other', 'https://git.acme.org');
  const found = (url: string, meant: Parameters<typeof forgeOf>[2], ...forges: ForgeConfig[]) => {
    try {
      const { config, takesToken } = forgeOf(known(...forges), { remote: 'origin', url }, meant);
      return `${config.id}${takesToken ? ' with its token' : ''}`;
    } catch (error) {
      return isFailure(error) ? error.code : String(error);
    }
  };
  const any = { id: undefined };
  expect(found('http://127.0.0.1:5000/acme/shop.git', null, shop, other)).toBe('shop with its token');
  expect(found('https://git.acme.org:8443/acme/other', null, shop, other)).toBe('other with its token');
  expect(found('http://git.acme.org/acme/other', null, shop, other)).toBe('other');
  expect(found('ssh://git@git.acme.org:2222/acme/other', null, shop, other)).toBe('other');
  expect(found('/srv/git/acme/other.git', null, shop, other)).toBe('other');
  expect(found('file:///srv/remote.git', any, shop)).toBe('shop');
  expect(found('http://127.0.0.1:5000/remote.git', any, shop)).toBe('shop with its token');
  expect(found('/srv/remote.git', { id: 'other' }, shop, other)).toBe('other');
  expect(found('/srv/remote.git', any, shop, other)).toBe('forge_missing');
  expect(found('/srv/remote.git', null, shop)).toBe('forge_missing');
  expect(found('https://git.acme.org/acme/third.git', any, other)).toBe('forge_missing');
});

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
