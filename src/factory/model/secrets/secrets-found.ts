import { DarkFactoryError } from '../../../lib/failure.ts';

/** Where something stands that looks like a key. Never the key itself. */
export interface SecretFinding {
  path: string;
  /** From 1. */
  line: number;
  /** For people: `Anthropic key`, `private key`. */
  kind: string;
}

/** A commit was not made, because the files that it was to hold have keys in them. The worktree is as it was. */
export class SecretsFound extends DarkFactoryError {
  readonly findings: readonly SecretFinding[];

  constructor(findings: readonly SecretFinding[]) {
    super(
      'environment',
      'secrets_found',
      `Not committed: ${listFindings(findings)}`,
      'Take them out of the files; if they are no real keys, allow them by secrets.allow in config.yaml.',
    );
    this.findings = findings;
  }
}

const MOST_LISTED = 20;

/** `src/a.ts:3 (Anthropic key), …` */
export function listFindings(findings: readonly SecretFinding[]): string {
  const listed = findings.slice(0, MOST_LISTED).map(({ path, line, kind }) => `${path}:${line} (${kind})`);
  if (findings.length > MOST_LISTED) listed.push(`and ${findings.length - MOST_LISTED} more`);
  return listed.join(', ');
}

/** What an agent is told in place of its commit. */
export function heldCommitText(findings: readonly SecretFinding[]): string {
  return (
    `Nothing was committed, because these lines seem to hold keys or passwords:\n` +
    `${findings.map(({ path, line, kind }) => `- ${path}:${line}: ${kind}`).join('\n')}\n` +
    'Take them out (read them from the environment, or make them up at run time in a test) and try again. Only the owner can ' +
    'allow such a text.'
  );
}
