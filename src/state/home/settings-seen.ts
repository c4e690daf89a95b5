/** Tells of settings and personas that somebody edited by hand since they were last seen: the audit log has no other witness. */

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Config } from '../../factory/config/config.ts';
import { FACTORY } from '../../factory/finance/deps.ts';
import type { FactoryEvent, NewEvent } from '../../factory/model/event.ts';
import { namesIn } from '../../lib/file-failure.ts';
import { readWhole } from '../files/files.ts';

const TYPE = 'config.changed';
const LARGEST_PERSONA = 1024 * 1024;

export interface SettingsDeps {
  home: { personas: string };
  config: Config;
  /** The factory's own audit log: what was seen last stands in it. */
  events: { readAll(): Promise<FactoryEvent[]> };
  record(event: NewEvent): Promise<void>;
}

/** Adds an event where a section of config.yaml, or a persona of this user, is another than when the last worker began. */
export async function noteSettings({ home, config, events, record }: SettingsDeps): Promise<void> {
  const seen = { ...sectionsOf(config), ...(await personasIn(home.personas)) };
  const last = (await events.readAll()).findLast(({ type }) => type === TYPE)?.data?.['seen'];
  const before = typeof last === 'object' && last !== null ? last : null;
  const changed = changedBetween(before, seen);
  if (before !== null && changed.length === 0) return;
  const message =
    before === null
      ? 'Settings as they were first seen.'
      : `Edited since they were last seen: ${changed.join(', ')}.`;
  await record({ projectId: FACTORY, type: TYPE, level: 'info', message, data: { changed, seen } });
}

/** Names that were added, removed or have another hash. Pure. */
export function changedBetween(before: object | null, now: Readonly<Record<string, string>>): string[] {
  const old = new Map<string, unknown>(Object.entries(before ?? {}));
  const names = new Set([...old.keys(), ...Object.keys(now)]);
  return before === null ? [] : [...names].filter((name) => old.get(name) !== now[name]).sort();
}

/** Hashes, since settings hold addresses and passwords. */
function sectionsOf(config: Config): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => [name, hash(JSON.stringify(value) ?? '')]),
  );
}

async function personasIn(folder: string): Promise<Record<string, string>> {
  const names = await namesIn(folder);
  const found: Record<string, string> = {};
  for (const name of names.filter((each) => each.endsWith('.md')).sort()) {
    const file = await readWhole(join(folder, name), LARGEST_PERSONA).catch(() => null);
    found[`personas/${name}`] = hash(file?.data ?? 'unreadable');
  }
  return found;
}

function hash(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}
