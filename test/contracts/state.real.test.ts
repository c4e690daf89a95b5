import { describe } from 'vitest';
import { createDocument, type DocumentOptions } from '../../src/state/documents/document.ts';
import { createLog } from '../../src/state/logs/log-store.ts';
import type { LogOptions } from '../../src/state/logs/log-types.ts';
import { createPrivacy } from '../../src/state/secrets/privacy.ts';
import { createMasterKey } from '../../src/state/secrets/vault.ts';
import { stateDeps } from '../state/support.ts';
import { documentContract, EMPTY, type Line, line, logContract, type Sample, sample } from './state.suite.ts';

// All of them wait for the disk more than they compute, and each test has a folder of its own.
const DOCUMENTS: Record<string, Partial<DocumentOptions<Sample>>> = {
  'that the program alone writes': {},
  'that people edit, too': { edited: 'people' },
  'of a long list': { list: 'items' },
};

describe.concurrent.each(Object.entries(DOCUMENTS))('a state document %s', (_name, options) =>
  documentContract((file) =>
    createDocument(stateDeps(), { file, schema: sample, initial: EMPTY, ...options }),
  ),
);

const masterKey = createMasterKey({ home: '/nowhere', env: { DF_MASTER_KEY: 'ab'.repeat(32) } });
const privacy = createPrivacy({ encrypt: true, masterKey, longestCommand: 60_000 });
const LOGS: Record<string, (file: string) => Partial<LogOptions<Line>>> = {
  'in clear': () => ({}),
  'with hashes': (file) => ({ chain: { file, headFile: `${file}.head`, start: 'lines' } }),
  'that is encrypted': () => ({ privacy }),
};

describe.concurrent.each(Object.entries(LOGS))('a log %s', (_name, options) =>
  logContract((file) => createLog<Line>(stateDeps(), { file, schema: line, ...options(file) })),
);
