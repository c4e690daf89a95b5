import { tokensFile } from '../../factory/model/access.ts';
import { providersFile } from '../../factory/model/finance.ts';
import { forgesFile } from '../../factory/model/forge.ts';
import type { StateStore } from '../../factory/ports.ts';
import { SCHEMA_VERSION } from '../../lib/schema.ts';
import type { Home } from '../home/home.ts';
import { createDocument, type DocumentDeps } from './document.ts';

/** The documents that are the home's own, of no project. None of them is there before something is kept in it. */
export function createHomeDocuments(
  deps: DocumentDeps,
  home: Pick<Home, 'providersFile' | 'tokensFile' | 'forgesFile'>,
): Pick<StateStore, 'providers' | 'tokens' | 'forges'> {
  const head = { schemaVersion: SCHEMA_VERSION, version: 0 } as const;
  const providers = createDocument(deps, {
    ...{ file: home.providersFile, schema: providersFile, kind: 'providers', edited: 'people' },
    initial: { ...head, providers: [] },
  });
  const tokens = createDocument(deps, {
    ...{ file: home.tokensFile, schema: tokensFile, kind: 'tokens' },
    initial: { ...head, tokens: [] },
  });
  const forges = createDocument(deps, {
    ...{ file: home.forgesFile, schema: forgesFile, kind: 'forges', edited: 'people' },
    initial: { ...head, forges: [] },
  });
  return { providers: () => providers, tokens: () => tokens, forges: () => forges };
}
