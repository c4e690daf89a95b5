import { expect, it } from 'vitest';
import { gitHost } from '../../../src/factory/model/forge/forge.ts';
import { newForge, otherApi } from '../../../src/factory/publishing/forges.ts';

it('looks for the API of a server of GitHub at its root as well, and nowhere else', () => {
  const at = (kind: 'github' | 'gitlab', url?: string) =>
    otherApi(newForge({ kind, repository: 'acme/shop', url }, 'env:T', new Date(0)))?.url ?? null;
  expect(at('github', 'https://git.acme.org/')).toBe('https://git.acme.org');
  expect([at('github'), at('github', 'https://acme.org/gh'), at('gitlab', 'https://acme.org')]).toEqual([
    null,
    null,
    null,
  ]);
});

it.each([
  ['github', undefined, 'https://api.github.com', 'github.com'],
  ['github', 'https://github.com/acme', 'https://api.github.com', 'github.com'],
  ['github', 'https://git.acme.org', 'https://git.acme.org/api/v3', 'git.acme.org'],
  ['github', 'https://acme.ghe.com', 'https://api.acme.ghe.com', 'acme.ghe.com'],
  ['github', 'https://api.acme.ghe.com/', 'https://api.acme.ghe.com', 'acme.ghe.com'],
  ['gitlab', undefined, 'https://gitlab.com/api/v4', 'gitlab.com'],
  ['gitlab', 'https://acme.org:8443/gitlab/', 'https://acme.org:8443/gitlab/api/v4', 'acme.org:8443'],
] as const)('finds the API of %s at %s, and the host of its repositories', (kind, url, api, host) => {
  const forge = newForge({ kind, repository: 'acme/shop', url }, 'env:T', new Date(0));
  expect(forge.url).toBe(api);
  expect(gitHost(forge)).toBe(host);
});
