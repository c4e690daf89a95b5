/** Whose a prefix in Redis is: two homes that use one would take each other's jobs, and know nothing of their projects. */

import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { orNull } from '../lib/errno.ts';
import { DarkFactoryError } from '../lib/failure.ts';
import { parseJson } from '../lib/record.ts';
import type { Redis } from './redis/redis.ts';

const owner = z.object({ id: z.string(), root: z.string() });
type Owner = z.infer<typeof owner>;

/**
 * Writes down in Redis that the prefix is this home's, where nobody has it. To be repeated, for Redis may forget.
 *
 * A home that was moved, or put back from a copy, has the same id and takes its prefix along; a copy beside the first one does not.
 *
 * Throws `environment`/`redis_prefix_taken`.
 */
export async function claimPrefix(
  redis: Redis,
  prefix: string,
  home: { id: string; root: string },
): Promise<void> {
  const key = `${prefix}:home`;
  const me: Owner = { id: home.id, root: await realpath(home.root) };
  const text = JSON.stringify(me);
  if ((await redis.set(key, text, 'NX')) === 'OK') return;
  const found = await redis.get(key);
  if (found === text) return;
  const other = owner.safeParse(parseJson(found ?? '')).data;
  if (other === undefined || (other.id === me.id && !(await isHome(other)))) {
    await redis.set(key, text);
    return;
  }
  throw new DarkFactoryError(
    'environment',
    'redis_prefix_taken',
    `The prefix ${prefix} of this Redis belongs to ${other.id === me.id ? 'the home that this one is a copy of' : 'another home'}, ${other.root}; ` +
      'each would take the jobs of the other',
    `Set redis.prefix in ${join(me.root, 'config.yaml')} to one of its own. If the other home is gone for good: redis-cli del ${key}.`,
  );
}

/** Is the home of this id still where it was? */
async function isHome({ id, root }: Owner): Promise<boolean> {
  return (await orNull(readFile(join(root, 'home.id'), 'utf8')))?.trim() === id;
}
