import { type DarkFactoryError, usageError } from '../../lib/failure.ts';
import { cap } from '../../lib/schema.ts';
import type { Project } from '../model/project.ts';

export function refuseBudget(budget?: number): void {
  if (budget === undefined || cap.safeParse(budget).success) return;
  throw usageError(
    'budget_invalid',
    `${budget} is no budget`,
    'Nothing was changed. Give US dollars above zero.',
  );
}

export function notItsParent({ name }: Project, parentId: string): DarkFactoryError {
  return usageError(
    'not_its_parent',
    `${name} was not forked from ${parentId.slice(0, 80)}`,
    'Nothing was changed. See df branches for what was forked from what.',
  );
}
