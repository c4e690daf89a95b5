import { escaped } from '../../lib/text/markdown.ts';
import { plainText } from '../../lib/text/plain-text.ts';
import type { NightParts, Notice } from '../model/notifications/notification.ts';

/** Limits of Slack's header and section blocks, and of Discord's embeds, in characters. */
const SLACK = { header: 150, section: 3_000 };
const DISCORD = { title: 256, description: 4_096 };
const RED = 0xd1242f;
const GREEN = 0x1a7f37;
const YELLOW = 0xbf8700;
/** Of all embeds of a message together. */
const DISCORD_TOTAL = 5_500;
/** A message that nobody would read to its end anyway; a whole night is read. */
const LONGEST = { message: 2_000, night: 40_000 };

/** What a webhook and a command get. The fields are part of the contract: they are added to, never changed. */
export function asDocument(notice: Notice): Record<string, unknown> {
  const longest = notice.kind === 'night_report' ? LONGEST.night : LONGEST.message;
  return { version: 1, ...notice, message: cut(plainText(notice.message), longest) };
}

/** For an incoming webhook of Slack. Blocks are plain text: nothing in them is a mention, a link or an emoji. */
export function asSlack({ title, message, project, night }: Notice): Record<string, unknown> {
  const header = cut(plainText(title), SLACK.header);
  const whole = [plainText(message), factsOf(project)].filter((part) => part !== '').join('\n');
  const sections = night?.map((part) => plainText(sectionText(part))) ?? [cut(whole, LONGEST.message)];
  return {
    text: escapeSlack(night === undefined ? `${header}: ${cut(whole, 300)}` : header),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: header, emoji: false } },
      ...sections
        .filter((text) => text !== '')
        .map((text) => ({
          type: 'section',
          text: { type: 'plain_text', text: cut(text, SLACK.section), emoji: false },
        })),
    ],
    unfurl_links: false,
    unfurl_media: false,
  };
}

/** For a webhook of Discord. Nobody is mentioned, whatever the text says. */
export function asDiscord({
  kind,
  title,
  message,
  timestamp,
  project,
  night,
}: Notice): Record<string, unknown> {
  if (night !== undefined) return discordNight(title, timestamp, night);
  const lines = plainText(message).split('\n').map(escaped);
  const facts = escaped(factsOf(project));
  return {
    allowed_mentions: { parse: [] },
    embeds: [
      {
        title: cut(escaped(title), DISCORD.title),
        description: cut([...lines, facts].join('\n').trim(), DISCORD.description),
        color: kind === 'failed' || kind === 'timeout' ? RED : kind === 'completed' ? GREEN : YELLOW,
        timestamp,
      },
    ],
  };
}

const NIGHT_COLOUR: Readonly<Record<string, number>> = { Proved: GREEN, Failed: RED };

/** One embed for each part of the night. */
function discordNight(title: string, timestamp: string, night: NightParts): Record<string, unknown> {
  const longest = Math.floor(DISCORD_TOTAL / Math.max(night.length, 1));
  const embeds = night.map((part) => ({
    title: escaped(part.title),
    description: cut(itemLines(part).map(escaped).join('\n'), Math.min(longest, DISCORD.description)),
    color: NIGHT_COLOUR[part.title] ?? YELLOW,
    timestamp,
  }));
  return { allowed_mentions: { parse: [] }, content: cut(escaped(title), DISCORD.title), embeds };
}

const itemLines = ({ items }: NightParts[number]): string[] =>
  items.flatMap(({ name, about, next }) => [`- ${plainText(name)}`, ...about.map(plainText), `  ${next}`]);

const sectionText = (part: NightParts[number]): string => [part.title, ...itemLines(part)].join('\n');

function factsOf(project: Notice['project']): string {
  if (project === null) return '';
  return `${project.stopped ? 'stopped' : project.status}, $${project.cost.toFixed(2)}, branch ${project.branch}`;
}

/** The three characters that mean something in Slack's own text format. */
function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Never through the middle of a character of two halves. */
function cut(text: string, longest: number): string {
  if (text.length <= longest) return text;
  return `${text.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
