import { DarkFactoryError } from '../../lib/failure.ts';

/** How the system and its tools say EAGAIN, ENOMEM, EMFILE and ENFILE: for now there is nothing left to start a process with. */
const NOTHING_LEFT =
  /\b(EAGAIN|ENOMEM|EMFILE|ENFILE)\b|Resource temporarily unavailable|Cannot allocate memory|Too many open files/;

/** Does a message say that something will work again when the machine has less to do? */
export function saysExhausted(message: string): boolean {
  return NOTHING_LEFT.test(message);
}

/** A failure that passes: the table in `workers/recovery.ts` has jobs wait for the machine instead of giving their project up. */
export function machineExhausted(said: string): DarkFactoryError {
  return new DarkFactoryError(
    'environment',
    'machine_exhausted',
    said,
    'The machine is too busy, or has no processes, memory or open files left: end what else runs there, or lower workers.concurrency.',
  );
}

/** @param why what the system or a tool said */
export function sandboxFailed(what: string, why: unknown): DarkFactoryError {
  const words = messageOf(why);
  const said = `${what}: ${words}`;
  if (saysExhausted(words)) return machineExhausted(said);
  return new DarkFactoryError(
    'environment',
    'sandbox_failed',
    said,
    'Run "df doctor" to see what is missing.',
  );
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
