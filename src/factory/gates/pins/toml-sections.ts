import { isDeepStrictEqual } from 'node:util';
import type { MergedManifest } from '../ecosystems/types.ts';
import { readToml } from './same-content.ts';

/** Sections of base and head exchanged by their header lines; the order of sections means nothing in TOML. */
export function mergeToml(base: string, head: string, defines: RegExp): MergedManifest {
  const [old, now] = [sections(base), sections(head)];
  if (old === null || now === null) return { text: base, changed: true };
  const mine = (all: readonly Section[]) => all.filter(({ name }) => defines.test(name));
  const told = (all: readonly Section[]) =>
    mine(all)
      .map(({ text }) => readToml(text) ?? text.trim())
      .map((text) => JSON.stringify(text))
      .sort();
  if (isDeepStrictEqual(told(old), told(now))) return { text: head, changed: false };
  const kept = now.filter(({ name }) => !defines.test(name));
  const parts = [...kept, ...mine(old)].map(({ text }) =>
    text === '' || text.endsWith('\n') ? text : `${text}\n`,
  );
  return { text: parts.join(''), changed: true };
}

export interface Section {
  name: string;
  text: string;
}

/** `null` where a section may hide from this reading: quoted headers, long strings, tools set from the outside. */
function sections(whole: string): Section[] | null {
  const text = onOneLineEach(whole);
  if (text === null || /^\s*\[\[?\s*["']/m.test(text)) return null;
  if (/^\s*\[\s*tool\s*\]/m.test(text) || /^\s*["']?tool["']?\s*[.=]/m.test(text)) return null;
  const found: Section[] = [{ name: '', text: '' }];
  for (const line of text.split(/(?<=\n)/)) {
    const name = /^\s*\[\[?\s*([^\]]+?)\s*\]\]?/.exec(line)?.[1];
    if (name !== undefined)
      found.push({ name: name.replace(/\s*\.\s*/g, '.').replace(/["']/g, ''), text: '' });
    const last = found.at(-1);
    if (last !== undefined) last.text += line.replaceAll('\0', '\n');
  }
  return found;
}

const TOML_STRINGS =
  /#[^\n]*|"""(?:\\[\s\S]|(?!""")[^\\])*"{3,5}|'''(?:(?!''')[\s\S])*'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'/g;

/** A line of a long string, or of a list, may look like the head of a section. `null`: what is a string cannot be told. */
function onOneLineEach(text: string): string | null {
  if (text.includes('\0') || /["']/.test(text.replace(TOML_STRINGS, ''))) return null;
  let depth = 0;
  const parts = text.match(new RegExp(`${TOML_STRINGS.source}|[\\s\\S]`, 'g')) ?? [];
  return parts
    .map((part) => {
      if (part === '[' || part === '{') depth += 1;
      if (part === ']' || part === '}') depth -= 1;
      return depth > 0 || part.length > 1 ? part.replaceAll('\n', '\0') : part;
    })
    .join('');
}
