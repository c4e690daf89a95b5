/** What stands in the form of a new project, and what is sent of it. */

export interface Answers {
  name: string;
  description: string;
  repo: string;
  persona: string;
  budget: string;
  maxRuntime: string;
  base: string;
  /** `null`: there is none to run. */
  test: string | null;
  lint: string | null;
  format: string | null;
  setup: string | null;
}

export const EMPTY: Answers = {
  name: '',
  description: '',
  repo: '',
  persona: '',
  budget: '',
  maxRuntime: '',
  base: '',
  test: '',
  lint: '',
  format: '',
  setup: '',
};

const FOUND = 'Empty: found in the repository.';
export const COMMANDS = [
  { id: 'test', name: 'Command for tests', hint: FOUND, none: 'run no tests' },
  { id: 'lint', name: 'Command for lint', hint: FOUND, none: 'run no lint' },
  { id: 'format', name: 'Command for format', hint: FOUND, none: 'check no format' },
  { id: 'setup', name: 'Command for set-up', hint: FOUND, none: 'no set-up' },
] as const;

/** Fields that are empty are not sent: the server's defaults hold for them. */
export function bodyOf(answers: Answers): Record<string, unknown> {
  const { budget, ...rest } = answers;
  const given = Object.entries(rest)
    .map(([name, value]) => [name, value?.trim() ?? null] as const)
    .filter(([, value]) => value !== '');
  // What is no number is sent as it is, for the server to refuse.
  const amount = budget.trim() === '' ? {} : { budget: asNumber(budget.trim()) };
  return { ...Object.fromEntries(given), ...amount };
}

function asNumber(text: string): number | string {
  const number = Number(text.replace(/^\$\s*/, ''));
  return Number.isFinite(number) ? number : text;
}
