/**
 * How documents of older forms become documents of the present one. Steps are pure and see plain parsed YAML, before any
 * schema does; they never read the schemas of today, which a later program changes.
 */
import { SCHEMA_VERSION } from '../../lib/schema.ts';

export type DocumentKind =
  | ('project' | 'tasks' | 'finance' | 'agent' | 'report')
  | ('providers' | 'tokens' | 'forges' | 'schedules');
export type Plain = Readonly<Record<string, unknown>>;

export interface MigrationStep {
  /** The form it starts from; it ends with the next one. */
  from: number;
  /** Kinds that are missing here are the same in both forms. */
  change: Readonly<Partial<Record<DocumentKind, (value: Plain) => Plain>>>;
}

export interface Forms {
  /** What this program writes, and the newest that it reads. */
  current: number;
  /** One for each form before the current one. */
  steps: readonly MigrationStep[];
  /** Top-level entries that the current form had once and that mean nothing any more. They go with the next update. */
  retired: Readonly<Partial<Record<DocumentKind, readonly string[]>>>;
}

export const FORMS: Forms = {
  current: SCHEMA_VERSION,
  steps: [],
  // Rounds of gates and audited commits were counted in project.yaml before agents and audits had books of their own.
  // What the owner says stands in talk.jsonl.
  retired: { project: ['gateRounds', 'auditedCommit'], agent: ['messages'] },
};

/** The form that a document says it has; one without a number has the first. `null`: that is no number of a form. */
export function formOf(value: Plain): number | null {
  const found = value['schemaVersion'] ?? 1;
  return typeof found === 'number' && Number.isInteger(found) && found >= 1 ? found : null;
}

/**
 * Brings a document to the current form. Call it for forms up to the current one only.
 *
 * @returns the same object when there is nothing to change
 */
export function migrate(forms: Forms, kind: DocumentKind | undefined, value: Plain, from: number): Plain {
  let now = value;
  for (let form = from; form < forms.current; form += 1) {
    const step = forms.steps.find((each) => each.from === form);
    if (step === undefined) throw new Error(`the table of migrations has no step from form ${form}`);
    const change = kind === undefined ? undefined : step.change[kind];
    now = { ...(change?.(now) ?? now), schemaVersion: form + 1 };
  }
  const gone = kind === undefined ? [] : (forms.retired[kind] ?? []);
  if (!gone.some((name) => Object.hasOwn(now, name))) return now;
  return Object.fromEntries(Object.entries(now).filter(([name]) => !gone.includes(name)));
}
