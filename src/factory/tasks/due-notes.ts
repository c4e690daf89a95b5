import type { Note } from '../agent/turn.ts';
import type { Project } from '../project/project.ts';
import { describeFindings } from './audit.ts';
import type { TaskList } from './task.ts';

/**
 * What the agent at work is to be told of its task list besides its own doing: what the owner changed by hand, and what
 * an audit beside its work set back. A closing audit writes into the journals of those that it wakes itself.
 */
export function dueNotes(project: Pick<Project, 'lastAudit'>, list: Pick<TaskList, 'ownerNotes'>): Note[] {
  const notes = (list.ownerNotes ?? []).map(({ id, text }) => ({
    key: `owner-${id}`,
    text: `The owner changed the task list: ${text}`,
  }));
  const audit = project.lastAudit;
  if (audit === undefined || audit.kind === 'closing' || audit.passed) return notes;
  return [...notes, { key: `audit-${audit.round}`, text: describeFindings(audit) }];
}
