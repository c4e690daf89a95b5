import type { Log } from '../../lib/log.ts';
import { FACTORY } from '../finance/deps.ts';
import type { NewEvent, OwnerAct } from '../model/event.ts';

export interface OwnerActDeps {
  record(event: NewEvent): Promise<void>;
  log: Pick<Log, 'warn'>;
  /** Who does it. */
  by: string;
}

/**
 * Puts what the owner did to the factory itself into its audit log, which `df logs factory` shows. What is done is done: an emergency
 * stop on a full disk must not fail for want of a line.
 */
export async function ownerAct(
  { record, log, by }: OwnerActDeps,
  ...[type, message, data]: OwnerAct
): Promise<void> {
  const act = { projectId: FACTORY, type, level: 'info', message, data: { by, ...data } };
  try {
    await record(act as NewEvent);
  } catch (err) {
    log.warn({ err, type }, 'an act of the owner is missing in the audit log');
  }
}
