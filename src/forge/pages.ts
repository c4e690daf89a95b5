import * as z from 'zod';
import { unknownReply } from './problems.ts';

/** One page of a list, as it came. */
export interface Page {
  data: unknown;
  link: string | null | undefined;
}

/** So many pages of a hundred at the most: a list that is longer is cut after them. */
const MOST_PAGES = 20;
/** A list that has so many entries may have been cut. */
export const MOST_ENTRIES = MOST_PAGES * 100;

/**
 * All entries of a list over its pages.
 *
 * @param get the first page without an address, each further one by the address that the one before names
 */
export async function allPages<T>(
  get: (address?: string) => Promise<Page>,
  read: (data: unknown) => T[],
): Promise<T[]> {
  const found: T[] = [];
  let address: string | undefined;
  for (let page = 1; page <= MOST_PAGES; page++) {
    const { data, link } = await get(address);
    found.push(...read(data));
    address = nextPage(link);
    if (address === undefined) break;
  }
  return found;
}

/** `<https://…>; rel="next"` of a Link header. */
function nextPage(link: string | null | undefined): string | undefined {
  return /<([^<>]+)>;[^,]*\brel="next"/.exec(link ?? '')?.[1];
}

/** Reads replies by their schemas. It throws `failed`/`forge_reply_unknown`. @param name of the forge */
export function createReader(name: string) {
  return <T>(schema: z.ZodType<T>, what: string, value: unknown): T => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw unknownReply(name, what, z.prettifyError(parsed.error).split('\n').slice(0, 2).join(' '));
  };
}
export type Reader = ReturnType<typeof createReader>;
