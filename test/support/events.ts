import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FactoryEvent } from '../../src/factory/model/event.ts';

/**
 * The audit log of a project as it lies on the disk, or what the factory noticed by itself where none is named (not what its owner did
 * to it, nor who began to work); empty before the first event.
 */
export async function readEvents(home: string, projectId?: string): Promise<FactoryEvent[]> {
  const file = projectId === undefined ? 'data/events.jsonl' : `data/projects/${projectId}/events.jsonl`;
  const text = await readFile(join(home, file), 'utf8').catch(() => '');
  // The last line may be one that is just being written.
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  const events = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as FactoryEvent);
  if (projectId !== undefined) return events;
  return events.filter(
    ({ type, data }) => data?.['by'] !== 'owner' && !/^(?:worker\.started|config\.)/.test(type),
  );
}

export async function eventTypes(home: string, projectId?: string): Promise<string[]> {
  return (await readEvents(home, projectId)).map(({ type }) => type);
}
