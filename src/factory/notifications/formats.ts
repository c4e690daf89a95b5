import { escaped } from '../../lib/text/markdown.ts';
import { plainText } from '../../lib/text/plain-text.ts';
import type { Notice } from '../model/notifications/notification.ts';

/** Limits of Slack's header and section blocks, and of Discord's embeds, in characters. */
const SLACK = { header: 150, section: 3_000 };
const DISCORD = { title: 256, description: 4_096 };
const RED = 0xd1242f;
const GREEN = 0x1a7f37;
const YELLOW = 0xbf8700;
/** A message that nobody would read to its end anyway. */
const LONGEST = 2_000;

/** What a webhook and a command get. The fields are part of the contract: they are added to, never changed. */
export function asDocument(notice: Notice): Record<string, unknown> {
  return { version: 1, ...notice, message: cut(plainText(notice.message), LONGEST) };
}

/** For an incoming webhook of Slack. Blocks are plain text: nothing in them is a mention, a link or an emoji. */
export function asSlack({ title, message, project }: Notice): Record<string, unknown> {
  const header = cut(plainText(title), SLACK.header);
  const text = cut([plainText(message), factsOf(project)].filter((part) => part !== '').join('\n'), LONGEST);
  return {
    text: escapeSlack(`${header}: ${cut(text, 300)}`),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: header, emoji: false } },
      ...(text === ''
        ? []
        : [
            {
              type: 'section',
              text: { type: 'plain_text', text: cut(text, SLACK.section), emoji: false },
            },
          ]),
    ],
    unfurl_links: false,
    unfurl_media: false,
  };
}

/** For a webhook of Discord. Nobody is mentioned, whatever the text says. */
export function asDiscord({ kind, title, message, timestamp, project }: Notice): Record<string, unknown> {
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
