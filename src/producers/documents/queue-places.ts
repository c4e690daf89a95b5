import type { Waiting } from '../../factory/model/waiting.ts';
import type { StateStore } from '../../factory/ports.ts';

interface Waits {
  id: string;
  waiting?: Pick<Waiting, 'for' | 'detail'> | undefined;
}

/** Those that wait for their turn say which place in the queue they have, and after whom they come. */
export async function withPlaces<T extends Waits>(
  state: Pick<StateStore, 'listSummaries'>,
  projects: readonly T[],
): Promise<T[]> {
  if (!projects.some(({ waiting }) => waiting?.for === 'turn')) return [...projects];
  const { projects: all } = await state.listSummaries();
  const queue = all
    .flatMap(({ id, name, turnOrder }) => (turnOrder === undefined ? [] : [{ id, name, turnOrder }]))
    .sort((a, b) => a.turnOrder - b.turnOrder || (a.id < b.id ? -1 : 1));
  const places = new Map(queue.map(({ id }, index) => [id, index]));
  return projects.map((project) => {
    const place = places.get(project.id);
    if (project.waiting?.for !== 'turn' || place === undefined) return project;
    const before = queue[place - 1];
    const after = before === undefined ? '' : `, after ${before.name}`;
    const detail = `${ordinal(place + 1)} of ${queue.length} in the queue${after}. ${project.waiting.detail}`;
    return { ...project, waiting: { ...project.waiting, detail } };
  });
}

/** 1st, 2nd, 3rd, 4th, 11th, 21st. */
export function ordinal(count: number): string {
  const teens = count % 100 >= 11 && count % 100 <= 13;
  const ending = teens ? 'th' : (['th', 'st', 'nd', 'rd'][count % 10] ?? 'th');
  return `${count}${ending}`;
}
