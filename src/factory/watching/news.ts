/** What a forge says of a pull request, as messages for agents. */
import { isFailure } from '../../lib/failure.ts';
import { uuidFrom } from '../../lib/ids.ts';
import { plainText } from '../../lib/text/plain-text.ts';
import { redactText } from '../../lib/text/redact.ts';
import { clip, quote, wellFormed } from '../../lib/text/text.ts';
import type { OutsideKind } from '../model/talk.ts';
import type { Forge, ForgeCheck, ForgeReviewComment } from '../ports.ts';
import { failingPart } from './failing-part.ts';

export interface News {
  /** The same for the same news. */
  id: string;
  by: string;
  outside: OutsideKind;
  text: string;
}

/** Of the end of a log that is asked for, and of what an agent is shown of all logs together, in bytes. */
const LOG_BYTES = 256 * 1024;
const SHOWN = 10_000;
/** Checks whose logs are shown; of more only the names. */
const MOST_LOGS = 4;
/** Red checks that are told of at all. */
const MOST_NAMES = 50;
const LONGEST_COMMENT = 8_000;

/** Red checks with what failed in them. */
export async function redNews(
  forge: Forge,
  projectId: string,
  { number, commit }: { number: number; commit: string },
  failed: readonly ForgeCheck[],
  secrets: readonly string[],
): Promise<News> {
  const shown = failed.slice(0, MOST_LOGS);
  const parts: string[] = [];
  for (const check of shown) {
    // Before it is cut: of half a key nobody would know what it is.
    const log = redactText(await logOf(forge, check), secrets);
    const part = failingPart(log, Math.floor(SHOWN / shown.length));
    parts.push(`The check "${nameOf(check)}" failed:\n\n${quote(part)}`);
  }
  const others = failed.slice(MOST_LOGS, MOST_NAMES).map(nameOf);
  return {
    id: redKey(projectId, commit, failed),
    by: `the checks of pull request #${number}`,
    outside: 'check',
    text: [
      `At ${commit.slice(0, 12)} checks of the pull request are red. Find out why, mend the cause in the code, and call finish. ` +
        'Tests and checks stay as they are: one that is skipped or weakened counts as not passed here.',
      ...parts,
      ...(others.length === 0 ? [] : [`Also red: ${others.join(', ')}.`]),
    ].join('\n\n'),
  };
}

/** Tells these red checks of a commit from others. */
export function redKey(projectId: string, commit: string, failed: readonly ForgeCheck[]): string {
  const ids = failed.map(({ id }) => id).sort();
  return uuidFrom(['check', projectId, commit, ...ids].join('\0'));
}

const nameOf = ({ name }: ForgeCheck) => plainText(name).slice(0, 200);

/** A log that cannot be had, or comes too slowly, is no reason to stop: the check says something of itself. */
async function logOf(forge: Forge, check: ForgeCheck): Promise<string> {
  const said = check.summary ?? '';
  try {
    const log = await forge.checkLog(check, LOG_BYTES);
    return log.trim() === '' ? said : log;
  } catch (error) {
    if (!isFailure(error) || isFailure(error, 'forge_limited')) throw error;
    return `${said}\n(Its log could not be read.)`.trim();
  }
}

/** Tells one comment from all others, also where a forge counts those on lines and others apart, or lists one twice. */
export const commentKey = ({ id, createdAt }: ForgeReviewComment): string =>
  `${id}/${createdAt.toISOString()}`;

export function commentNews(
  projectId: string,
  number: number,
  comment: ForgeReviewComment,
  secrets: readonly string[],
): News {
  const { author, body, path, line } = comment;
  const place =
    path === undefined ? '' : ` on ${plainText(path)}${line === undefined ? '' : `, line ${line}`}`;
  const words = clip(plainText(wellFormed(body)), LONGEST_COMMENT);
  return {
    id: uuidFrom(`review\0${projectId}\0${commentKey(comment)}`),
    by: `${plainText(author)}, who reviews pull request #${number}`,
    outside: 'review',
    text: `A comment${place}. Do what it asks of the code, and call finish:\n\n${quote(redactText(words, secrets))}`,
  };
}
