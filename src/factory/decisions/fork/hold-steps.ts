import type { Clock } from '../../../lib/clock.ts';
import type { Project } from '../../model/project.ts';
import type { StateStore } from '../../ports.ts';

interface HoldDeps {
  state: Pick<StateStore, 'project'>;
  clock: Clock;
}

/** How long steps are held for somebody who may have died meanwhile. Milliseconds. */
const HOLD_MS = 30_000;
/** Between two looks of a worker whether a held project may go on. Milliseconds. */
const LOOK_MS = 1_000;

/** Keeps further steps of a project from beginning: turns may follow each other faster than anybody could step in between. */
export async function holdSteps({ state, clock }: HoldDeps, projectId: string): Promise<void> {
  const now = clock.now();
  await state.project(projectId).update((project) => {
    const left = (project.heldUntil?.getTime() ?? 0) - now.getTime();
    return left > HOLD_MS / 2 ? project : { ...project, heldUntil: new Date(now.getTime() + HOLD_MS) };
  });
}

export async function releaseSteps({ state }: HoldDeps, projectId: string): Promise<void> {
  await state.project(projectId).update((project) => {
    const { heldUntil, ...rest } = project;
    return heldUntil === undefined ? project : rest;
  });
}

/** When a worker looks again at a step that is held; `null`: it may begin. */
export function heldStep({ heldUntil }: Pick<Project, 'heldUntil'>, now: Date): Date | null {
  if (heldUntil === undefined || heldUntil <= now) return null;
  return new Date(Math.min(heldUntil.getTime(), now.getTime() + LOOK_MS));
}
