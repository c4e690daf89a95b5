/** config.yaml: edited by people, so it carries no mark, and every mistake is named with its place. */

import { isAbsolute, join, resolve } from 'node:path';
import type * as z from 'zod';
import { type Config, config as configSchema } from '../../factory/config/config.ts';
import { spelledOut } from '../../factory/config/notification-settings.ts';
import { expecting, hasCode } from '../../lib/errno.ts';
import { type DarkFactoryError, usageError } from '../../lib/failure.ts';
import { isPlain, unknownEntries } from '../../lib/unknown-entries.ts';
import { lineOf, PEOPLE_LIMITS, parseYaml } from '../documents/yaml.ts';
import { makeFolder, readWhole, writeNewFile } from '../files/files.ts';

export interface LoadedConfig {
  config: Config;
  file: string;
  /** `false`: there is no file, everything is at its default. */
  exists: boolean;
  /** Sentences about entries that have no effect. */
  warnings: string[];
}

/** Throws `usage`/`config_invalid`, naming file and key. A missing file, section or value is its default. */
export async function loadConfig(file: string): Promise<LoadedConfig> {
  const found = await readWhole(file, PEOPLE_LIMITS.maxBytes);
  return { ...parseConfig(file, found?.data.toString('utf8') ?? ''), exists: found !== null };
}

/** Throws as `loadConfig` does. `raw` is what the text says, without what is filled in. */
export function parseConfig(file: string, text: string): Omit<LoadedConfig, 'exists'> & { raw: unknown } {
  const outcome = parseYaml(text, PEOPLE_LIMITS);
  if (!outcome.ok) throw invalid(file, outcome.problem, 'Correct that place.');
  const raw = withTargets(withoutNulls(outcome.value ?? {}));
  const parsed = configSchema.safeParse(raw);
  if (!parsed.success)
    throw invalid(
      file,
      describe(parsed.error.issues, text),
      isPlain(raw) ? MEND : 'Write one key and its value a line.',
    );
  return {
    config: parsed.data,
    raw,
    file,
    warnings: [...unknownEntries(raw, parsed.data)].map(
      (key) => `${file}: ${key} is no known setting and has no effect. Check its spelling.`,
    ),
  };
}

function withTargets(raw: unknown): unknown {
  return isPlain(raw) && 'notifications' in raw
    ? { ...raw, notifications: spelledOut(raw['notifications']) }
    : raw;
}

/**
 * Writes config.yaml unless there is one.
 *
 * @returns `false` when there is one already; it stays as it is
 */
export async function writeNewConfig(file: string, text: string): Promise<boolean> {
  await makeFolder(join(file, '..'));
  return writeNewFile(file, text).then(
    () => true,
    expecting((error) => hasCode(error, 'EEXIST'), false),
  );
}

/** `~` and `~/…` as a shell would read them; a relative path is meant from `base`. */
export function expandPath(path: string, base: string, userFolder: string): string {
  if (path === '~') return userFolder;
  if (path.startsWith('~/')) return join(userFolder, path.slice(2));
  return isAbsolute(path) ? resolve(path) : resolve(base, path);
}

const MEND =
  'Correct it there or with df config set KEY VALUE, or take it out with df config unset KEY to get the default.';

function invalid(file: string, problem: string, hint: string): DarkFactoryError {
  return usageError('config_invalid', `${file}: ${problem}.`, hint);
}

/** @param text in which they are: each is told with its line */
export function describe(issues: readonly z.core.$ZodIssue[], text?: string): string {
  const told = issues.slice(0, MOST_TOLD).map(({ path, message }) => {
    const line = text === undefined ? '' : ` (line ${lineOf(text, path)})`;
    return `${path.length === 0 ? message : `${path.join('.')}: ${message}`}${line}`;
  });
  const more = issues.length - told.length;
  return [...told, ...(more === 0 ? [] : [`and ${more} more`])].join('; ');
}

const MOST_TOLD = 50;

/** A key with nothing behind it (`redis:` whose lines are all comments) is as good as missing. */
export function withoutNulls(value: unknown): unknown {
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== null)
      .map(([key, part]) => [key, withoutNulls(part)]),
  );
}
