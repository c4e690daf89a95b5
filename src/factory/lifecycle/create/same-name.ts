import type { StateStore } from '../../ports.ts';

/** A name serves in place of an id only where one project has it. */
export async function sameName(state: Pick<StateStore, 'listSummaries'>, name: string): Promise<string[]> {
  const same = (await state.listSummaries()).projects.filter((each) => each.name === name);
  const [first] = same.toReversed();
  if (first === undefined) return [];
  const others = same.length === 1 ? 'Another project has' : `${same.length} other projects have`;
  return [`${others} this name (${first.id.slice(0, 8)}, ${first.status}), so commands need the ids.`];
}
