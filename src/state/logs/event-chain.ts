import { join } from 'node:path';
import type { ChainPlace } from './chain.ts';

/**
 * The audit log in a folder.
 *
 * @param name of whose log it is: a project's id, or `factory`
 */
export function eventChain(folder: string, name: string): ChainPlace {
  return {
    file: join(folder, 'events.jsonl'),
    headFile: join(folder, 'events.head'),
    start: `dark-factory events of ${name}`,
  };
}
