import type { Note } from '../agent/turn/turn-types.ts';
import type { Project } from '../model/project.ts';
import { orderKey } from '../model/talk.ts';
import type { TaskList } from '../model/task.ts';
import { describeFindings } from './audit.ts';

/**
 * What the agent at work is to be told besides its own doing: which option of a decision it builds, what became of a decision
 * of its project, what the owner changed in the task list by hand, and what an audit beside its work set back. A closing audit
 * writes into the journals of those that it wakes itself.
 */
export function dueNotes(
  project: Pick<Project, 'lastAudit' | 'decisionContext' | 'forks' | 'attempts'>,
  list: Pick<TaskList, 'ownerNotes'>,
): Note[] {
  const notes = [...attemptNotes(project), ...decisionNotes(project), ...ownerNotes(list)];
  const audit = project.lastAudit;
  if (audit === undefined || audit.kind === 'closing' || audit.passed) return notes;
  return [...notes, { key: `audit-${audit.round}`, text: describeFindings(audit) }];
}

function attemptNotes({ attempts }: Pick<Project, 'attempts'>): Note[] {
  const before = attempts.at(-2);
  if (before === undefined) return [];
  const text =
    `Attempt ${attempts.length} of this project begins, with all that was done before. The last one ended as ${before.status ?? 'failed'}: ` +
    `${before.reason ?? 'no reason is known.'} Tasks that were blocked are open again. Look at where the work stands, and take another way where one led nowhere.`;
  return [{ key: `attempt-${attempts.length}`, text }];
}

function decisionNotes({ decisionContext, forks }: Pick<Project, 'decisionContext' | 'forks'>): Note[] {
  const outcomes = forks.flatMap(({ decisionId, outcome }) =>
    outcome === undefined ? [] : [{ key: `decision-${decisionId}`, text: outcome }],
  );
  if (decisionContext === undefined) return outcomes;
  const { question, option, createdAt } = decisionContext;
  const text =
    `The project was forked over your decision "${question}". In this branch you build the option "${option}"; the others ` +
    'are built beside you by others, and the results are compared. Go on with the whole task on the ground of this option.';
  return [{ key: `option-${createdAt.toISOString()}`, text }, ...outcomes];
}

function ownerNotes(list: Pick<TaskList, 'ownerNotes'>): Note[] {
  return (list.ownerNotes ?? []).map(({ id, text }) => ({
    key: orderKey(id),
    text: `The owner changed the task list: ${text}`,
  }));
}
