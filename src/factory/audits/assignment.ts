import { uuidFrom } from '../../lib/ids.ts';
import type { Project } from '../model/project.ts';
import type { Task } from '../model/task.ts';

/**
 * The whole assignment as one task, for a project whose agents planned none: without a task nothing could be judged, and
 * a project without anything judged must not end as completed.
 */
export function assignment(project: Pick<Project, 'id' | 'name' | 'description'>, now: Date): Task {
  return {
    id: uuidFrom(`${project.id}/assignment`),
    title: project.name,
    description: project.description,
    status: 'in_progress',
    priority: 1,
    dependencies: [],
    createdAt: now,
    startedAt: now,
    completionConfidence: 0,
    verificationNotes: ['Added by the factory: the agents planned no tasks.'],
    criteria: [],
    evidence: [],
  };
}
