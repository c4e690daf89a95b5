import type { PaidCall, StateStore } from '../ports.ts';

/** A judge is of another vendor than the author, where there is one. */
export async function notTheAuthor(
  state: Pick<StateStore, 'finance'>,
  projectId: string,
): Promise<Pick<PaidCall, 'avoidProvider'>> {
  const { currentProviderId } = await state.finance(projectId).get();
  return currentProviderId === undefined ? {} : { avoidProvider: currentProviderId };
}
