import type { ForgeConfig } from '../factory/model/forge/forge.ts';
import type { Forge, KeyVault } from '../factory/ports.ts';
import { openToken } from '../factory/publishing/forge-token.ts';
import { createGitLab } from './gitlab/gitlab.ts';
import { createForgeHttp } from './http.ts';

export interface OpenForgesDeps {
  vault: Pick<KeyVault, 'open'>;
  now(): Date;
}

/** Forges by their configurations, each opened once: what a forge has said stays known for the next time that it is asked. */
export function openForges({ vault, now }: OpenForgesDeps): (config: ForgeConfig) => Promise<Forge> {
  const opened = new Map<string, Promise<Forge>>();
  return (config) => {
    const { id, kind, repository, url, token } = config;
    const key = JSON.stringify([id, kind, repository, url, token]);
    const known = opened.get(key);
    if (known !== undefined) return known;
    const http = createForgeHttp({
      name: id,
      base: new URL(url),
      now,
      async authorization() {
        return { authorization: `Bearer ${await openToken(vault, { id, token })}` };
      },
    });
    const open = async () => {
      if (kind === 'gitlab') return createGitLab(id, repository, url, http);
      const { createGitHub } = await import('./github/github.ts');
      return createGitHub(id, repository, url, http);
    };
    const forge = open();
    opened.set(key, forge);
    return forge;
  };
}
