/** Changes of config.yaml by the program. The file is its owner's: what they wrote, comments and all, stays. */

import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Document, isCollection, isNode, isSeq, parseDocument } from 'yaml';
import type * as z from 'zod';
import { config as configSchema } from '../../factory/config/config.ts';
import { type ConfigKey, configKeys } from '../../factory/config/config-keys.ts';
import { orNull } from '../../lib/errno.ts';
import { usageError } from '../../lib/failure.ts';
import { isSlip, nearest } from '../../lib/text/nearest.ts';
import { isPlain } from '../../lib/unknown-entries.ts';
import { PEOPLE_LIMITS, parseYaml } from '../documents/yaml.ts';
import { makeFolder, readWhole, replaceFile } from '../files/files.ts';
import type { Locks } from '../files/lock.ts';
import { describe, parseConfig, withoutNulls } from './config-file.ts';

/** A key that holds a value, by its whole name. */
export interface Setting extends ConfigKey {
  path: string;
}

export function settings(keys: readonly ConfigKey[] = configKeys(), above = ''): Setting[] {
  return keys.flatMap((key) => {
    const path = `${above}${key.name}`;
    return key.keys === undefined ? [{ ...key, path }] : settings(key.keys, `${path}.`);
  });
}

/** Throws `usage`/`setting_unknown`, with what was meant where that is clear. */
export function findSetting(path: string): Setting {
  const all = settings();
  const found = all.find((each) => each.path === path);
  if (found !== undefined) return found;
  const below = all.filter((each) => each.path.startsWith(`${path}.`)).map((each) => each.path);
  const [near = ''] = nearest(
    path,
    all.map((each) => each.path),
    1,
  );
  throw usageError(
    'setting_unknown',
    below.length > 0 ? `"${path}" holds several settings` : `There is no setting "${path.slice(0, 60)}"`,
    below.length > 0
      ? `Name one: ${below.join(', ')}.`
      : isSlip(path.toLowerCase(), near.toLowerCase())
        ? `Did you mean ${near}?`
        : 'See df config list.',
  );
}

/** What the file says of a setting, else its default, as either would be written. `null`: not set. */
export function settingValue(
  { path, fallback }: Setting,
  raw: unknown,
): { value: unknown; isDefault: boolean } {
  const keys = path.split('.');
  const said = keys.reduce<unknown>((value, key) => (isPlain(value) ? value[key] : undefined), raw);
  return said === undefined
    ? { value: fallback ?? null, isDefault: true }
    : { value: said, isDefault: false };
}

/**
 * All that config.yaml says, as it is written there, and what is wrong with it, where anything is. Throws as `loadConfig` does for a text
 * that is no list of keys.
 */
export async function readSettings(file: string): Promise<{ raw: unknown; wrong: string }> {
  const found = await readWhole(file, PEOPLE_LIMITS.maxBytes);
  const text = found?.data.toString('utf8') ?? '';
  const issues = issuesOf(text);
  const read = parseYaml(text, PEOPLE_LIMITS);
  if (issues === null || !read.ok) return { raw: parseConfig(file, text).raw, wrong: '' };
  return { raw: withoutNulls(read.value ?? {}), wrong: describe(issues, text) };
}

/**
 * Sets one key, or with `null` takes it out. Nothing is changed by a value that the schema refuses; what is wrong elsewhere stays.
 *
 * @param typed as a person writes it: YAML, or just the text
 * @returns whether the file was changed; where it says so already it is not written
 * @throws DarkFactoryError `usage`/`config_invalid`, in the schema's words
 */
export async function setInConfig(
  file: string,
  { path }: Pick<Setting, 'path'>,
  typed: string,
  locks: Locks,
): Promise<boolean> {
  const target = (await orNull(realpath(file))) ?? file;
  await makeFolder(dirname(target));
  return locks.withLock(target, async ({ temporary }) => {
    const found = await readWhole(target, PEOPLE_LIMITS.maxBytes);
    const text = found?.data.toString('utf8') ?? '';
    // In a text that is no list of keys nothing can be set: that is told with its place, and not written over.
    if (issuesOf(text) === null) parseConfig(file, text);
    const next = withValue(text, path, typed);
    if (next === text) return false;
    await replaceFile(target, next, temporary);
    return true;
  });
}

/**
 * What is to be taken out of config.yaml: a setting, or whatever stands there under that name.
 *
 * @throws DarkFactoryError `usage`/`setting_unknown`, and `config_invalid` for a text in which nothing can be found
 */
export async function findInConfig(file: string, path: string): Promise<Pick<Setting, 'path'>> {
  const found = await readWhole(file, PEOPLE_LIMITS.maxBytes);
  const text = found?.data.toString('utf8') ?? '';
  if (issuesOf(text) === null) parseConfig(file, text);
  return parseDocument(text).hasIn(path.split('.')) ? { path } : findSetting(path);
}

/** `null`: it is no list of keys at all. */
function issuesOf(text: string): readonly z.core.$ZodIssue[] | null {
  const read = parseYaml(text, PEOPLE_LIMITS);
  if (!read.ok || !isPlain(read.value ?? {})) return null;
  return configSchema.safeParse(withoutNulls(read.value ?? {})).error?.issues ?? [];
}

/** Pure. Throws as `setInConfig` does. */
export function withValue(text: string, path: string, typed: string): string {
  const parsed = parseYaml(typed, PEOPLE_LIMITS);
  const value = parsed.ok ? parsed.value : typed;
  const [asRead, issues] = tryValue(text, path, value);
  if (issues === undefined) return asRead;
  // "30" may be meant as a text, and what is wrong with the text says more than that it is a number.
  const [asText, others] = tryValue(text, path, typed);
  if (others === undefined) return asText;
  const meant = issues.every(({ code }) => code === 'invalid_type') ? others : issues;
  throw usageError('config_invalid', describe(meant), 'Nothing was changed.');
}

function tryValue(
  text: string,
  path: string,
  value: unknown,
): [string, undefined] | [undefined, readonly z.core.$ZodIssue[]] {
  if (value === null && !parseDocument(text).hasIn(path.split('.'))) return [text, undefined];
  const document = parseDocument(text, { version: '1.2', schema: 'core', merge: false });
  const keys = path.split('.');
  if (value === null) takeOut(document, keys);
  else {
    for (let depth = 1; depth < keys.length; depth++) {
      const above = keys.slice(0, depth);
      const node = document.getIn(above, true);
      // The one list that stands for a group (`notifications`).
      if (isSeq(node)) document.setIn(above, document.createNode({ targets: node }));
      // `redis:` with nothing below it but comments holds a null, to which nothing can be added.
      if (!isCollection(document.getIn(above, true))) put(document, above, {});
    }
    put(document, keys, value);
  }
  const after = document.toString({ lineWidth: 0, nullStr: '', flowCollectionPadding: /[[{] /.test(text) });
  const whole = after === '' || after.endsWith('\n') ? after : `${after}\n`;
  const before = new Set((issuesOf(text) ?? []).map(nameOf));
  const wrong = (issuesOf(after) ?? []).filter((issue) => !before.has(nameOf(issue)) || isAbout(issue, keys));
  return wrong.length === 0 ? [whole, undefined] : [undefined, wrong];
}

const nameOf = ({ path, message }: z.core.$ZodIssue): string => `${path.join('.')}: ${message}`;

/** About the value at a path, or what holds it. */
const isAbout = ({ path }: z.core.$ZodIssue, keys: readonly string[]): boolean =>
  path.slice(0, keys.length).every((part, index) => part === keys[index]);

function takeOut(document: Document, keys: readonly string[]): void {
  const above = keys.slice(0, -1);
  document.deleteIn(keys);
  const left = above.length > 0 ? document.getIn(above, true) : undefined;
  if (isCollection(left) && left.items.length === 0) put(document, above, null);
}

/** With the comments of what was there. */
function put(document: Document, keys: readonly string[], value: unknown): void {
  const before = document.getIn(keys, true);
  const node = document.createNode(value);
  if (isNode(before)) {
    node.comment = before.comment ?? null;
    node.commentBefore = before.commentBefore ?? null;
    node.spaceBefore = before.spaceBefore ?? false;
  }
  document.setIn(keys, node);
}
