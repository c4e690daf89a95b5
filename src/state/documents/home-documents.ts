import { tokensFile } from '../../factory/model/access.ts';
import { forgesFile } from '../../factory/model/forge/forge.ts';
import { providersFile } from '../../factory/model/money/finance.ts';
import { schedulesFile } from '../../factory/model/schedule.ts';
import type { StateStore } from '../../factory/ports.ts';
import { SCHEMA_VERSION } from '../../lib/schema.ts';
import type { Home } from '../home/home.ts';
import { createDocument, type DocumentDeps } from './document.ts';

/** The documents that are the home's own, of no project. None of them is there before something is kept in it. */
export function createHomeDocuments(
  deps: DocumentDeps,
  home: Pick<Home, 'providersFile' | 'tokensFile' | 'forgesFile' | 'schedulesFile'>,
): Pick<StateStore, 'providers' | 'tokens' | 'forges' | 'schedules'> {
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
  const schedules = createDocument(deps, {
    ...{ file: home.schedulesFile, schema: schedulesFile, kind: 'schedules' },
    initial: { ...head, schedules: [] },
  });
  return {
    providers: () => providers,
    tokens: () => tokens,
    forges: () => forges,
    schedules: () => schedules,
  };
}
