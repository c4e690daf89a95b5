import { queueNames } from '../queues/jobs/catalogue.ts';
import type { Processors } from './host-options.ts';

/**
 * Who does what: the processor of a queue is what `processors/<name of the queue>.ts` exports as `processor`. So a new queue
 * is added to no list here, and a test loads every one of the catalogue.
 */
export async function loadProcessors(): Promise<Processors> {
  const found = queueNames.map(async (name) => {
    const { processor } = (await import(`./processors/${name}.ts`)) as { processor?: unknown };
    if (typeof processor !== 'function') throw new Error(`processors/${name}.ts exports no processor`);
    return [name, processor] as const;
  });
  return Object.fromEntries(await Promise.all(found)) as unknown as Processors;
}
