import type { NextJob } from '../../queues/jobs/catalogue.ts';
import type { IntakeSource } from '../config/intake-settings.ts';

/** What asks forges for issues: named again and again, it is added once in each interval. */
export function intakeJobs(sources: readonly IntakeSource[]): NextJob[] {
  return sources.map(({ forge, label, interval }) => ({
    queue: 'forge',
    payload: { action: 'intake', forge, label },
    deduplicationId: `intake.${forge}.${label}`,
    throttle: interval,
  }));
}
