import { LineCounter } from 'yaml';
import type { BacklogText } from '../factory/backlog/backlog-file.ts';
import { usageError } from '../lib/failure.ts';
import { parseWithLines, type YamlLimits } from './documents/yaml.ts';

/** Thousands of projects with their descriptions. */
export const BACKLOG_LIMITS: YamlLimits = { maxBytes: 16 * 1024 * 1024, maxDepth: 32, maxNodes: 500_000 };

/** A file of projects, YAML or JSON. Throws `usage`/`backlog_unreadable`. @param name of the file, for the message */
export function parseBacklog(text: string, name: string): BacklogText {
  const parsed = parseWithLines(text, BACKLOG_LIMITS, new LineCounter());
  if (parsed.ok) return parsed;
  throw usageError(
    'backlog_unreadable',
    `${name} ${parsed.problem.startsWith('has') || parsed.problem.startsWith('is') ? parsed.problem : `is neither YAML nor JSON: ${parsed.problem}`}`,
    'Nothing was made. Write projects: with a list of objects that have a name and a description.',
  );
}
