/** A persona's file as a form: the fields of its front matter are read and written in place, comments and all else stay. */
import { parseDocument } from 'yaml';

export interface Check {
  name: string;
  command: string;
  expected_exit_code?: number;
}

export interface Fields {
  name: string;
  version: string;
  description: string;
  tests_pass: boolean;
  lint_pass: boolean;
  format_pass: boolean;
  custom_checks: Check[];
  /** Empty, as the two below: it says nothing. */
  model: string;
  effort: string;
  tools: string[];
}

const PARTS = /^(\ufeff?---[ \t]*\r?\n)([\s\S]*?)^(---[ \t]*(?:\r?\n|$))/m;
const PLACES: Readonly<Record<keyof Fields, readonly string[]>> = {
  name: ['name'],
  version: ['version'],
  description: ['description'],
  tests_pass: ['acceptance_criteria', 'tests_pass'],
  lint_pass: ['acceptance_criteria', 'lint_pass'],
  format_pass: ['acceptance_criteria', 'format_pass'],
  custom_checks: ['acceptance_criteria', 'custom_checks'],
  model: ['model'],
  effort: ['effort'],
  tools: ['tools'],
};
/** Left out where they are empty. */
const OPTIONAL: readonly (keyof Fields)[] = ['model', 'effort', 'tools'];

function frontOf(text: string) {
  const match = PARTS.exec(text);
  if (match === null || match.index !== 0) return null;
  const [whole, open = '', front = '', close = ''] = match;
  const document = parseDocument(front);
  if (document.errors.length > 0) return null;
  return { open, document, close, body: text.slice(whole.length) };
}

/** @returns `null` where the text has no front matter that can be read */
export function readFields(text: string): Fields | null {
  const front = frontOf(text)?.document.toJS() as unknown;
  if (typeof front !== 'object' || front === null) return null;
  const {
    name,
    version,
    description,
    acceptance_criteria: given,
    model,
    effort,
    tools,
  } = front as Record<string, unknown>;
  const criteria = (typeof given === 'object' && given !== null ? given : {}) as Record<string, unknown>;
  const checks = criteria['custom_checks'];
  return {
    name: words(name),
    version: words(version),
    description: words(description),
    tests_pass: criteria['tests_pass'] === true,
    lint_pass: criteria['lint_pass'] === true,
    format_pass: criteria['format_pass'] === true,
    custom_checks: Array.isArray(checks) ? checks.filter(isRecord).map(checkOf) : [],
    model: words(model),
    effort: words(effort),
    tools: Array.isArray(tools) ? tools.map(words) : [],
  };
}

/** The same text with these fields; as it was where there is no front matter that can be read. */
export function writeFields(text: string, change: Partial<Fields>): string {
  const front = frontOf(text);
  if (front === null) return text;
  const { open, document, close, body } = front;
  for (const [field, place] of Object.entries(PLACES) as [keyof Fields, readonly string[]][]) {
    const value = change[field];
    if (value === undefined) continue;
    if (OPTIONAL.includes(field) && (value === '' || (Array.isArray(value) && value.length === 0)))
      document.deleteIn(place);
    else document.setIn(place, Array.isArray(value) ? document.createNode(value) : value);
  }
  return `${open}${document.toString({ lineWidth: 0 })}${close}${body}`;
}

function checkOf({ name, command, expected_exit_code: exit }: Record<string, unknown>): Check {
  return {
    name: words(name),
    command: words(command),
    ...(typeof exit === 'number' ? { expected_exit_code: exit } : {}),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function words(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
