import { changedLines } from './side-by-side.ts';

/* What became of the tests of one file, by their texts: those with another title, and what the words of changed ones are about. */

/** Part of an older test's words that a newer one must have to be the same under another title. */
const SHARED = 0.5;
/** Tests of one file that are compared, of each side. */
const MOST_COMPARED = 100;

/** For each title that is gone the new ones in whose tests it may live on, the one that says most of the same first. */
export function successorsOf(
  old: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
): Record<string, string[]> {
  const gone = [...old].filter(([title]) => title !== '' && !now.has(title)).slice(0, MOST_COMPARED);
  const fresh = [...now]
    .filter(([title]) => title !== '' && !old.has(title))
    .slice(0, MOST_COMPARED)
    .map(([to, text]) => ({ to, words: wordsOf(text) }));
  const found = gone.map(([title, text]) => {
    const own = wordsOf(text);
    const likely = fresh
      .map(({ to, words }) => ({ to, shared: sharedPart(own, words) }))
      .filter(({ shared }) => shared >= SHARED)
      .sort((a, b) => b.shared - a.shared);
    return [title, likely.map(({ to }) => to)] as const;
  });
  return Object.fromEntries(found.filter(([, likely]) => likely.length > 0));
}

/** How often a text has each of its words: made once for a text that is compared with many. */
export function wordsOf(text: string): Map<string, number> {
  const words = new Map<string, number>();
  for (const word of text.match(/\w+/g) ?? []) words.set(word, (words.get(word) ?? 0) + 1);
  return words;
}

/** Part of the older text's words that the newer one has as well. */
export function sharedPart(old: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): number {
  let [all, shared] = [0, 0];
  for (const [word, count] of old) {
    all += count;
    shared += Math.min(count, now.get(word) ?? 0);
  }
  return all === 0 ? 0 : shared / all;
}

/** Words that tests and assignments of every kind have. */
const COMMON = new Set(
  (
    'test spec expect assert equal deep strict same should when with without that this these those from then than into have been will ' +
    'would could must does done only also such each every some more most less other another which where what while there their they ' +
    'return value const function async await import export null undefined true false none self error throw raise string number object ' +
    'array list dict result name type data file code chore feat refactor change make update remove allow support option default ' +
    'case work now not and the for new old use used using instead like just call given valid invalid correct wrong version'
  ).split(' '),
);
const SHORTEST_WORD = 4;

/** Words that tell what a text is about; parts of names count as words. */
export function tellingWords(text: string): Set<string> {
  const parts =
    text
      .replace(/([a-z\d])([A-Z])/g, '$1 $2')
      .toLowerCase()
      .match(/[a-z]+/g) ?? [];
  const words = parts.map((part) => (part.length > SHORTEST_WORD ? part.replace(/s$/, '') : part));
  return new Set(words.filter((word) => word.length >= SHORTEST_WORD && !COMMON.has(word)));
}

/** What the title of a changed test and the lines that changed in it are about. */
export function changedWords(title: string, old: string, now: string): string[] {
  const { before, after } = changedLines(old, now);
  return [...tellingWords(`${title}\n${before}\n${after}`)];
}

/** Values that code writes out; a word in quotes counts as one. */
const LITERAL =
  /(?<![\w.$])(?:null|undefined|true|false|None|True|False|nil|NaN|-?\d+(?:\.\d+)?)(?![\w$]|\.\d)|(["'`])[\w./:+-]+\1/g;

/** The values that a text writes out. */
export const valuesIn = (text: string): string[] =>
  [...text.matchAll(LITERAL)].map(([value, quote]) => (quote ? value.slice(1, -1) : value));

/** The values that two texts of a test do not share. */
export function changedValues(old: string, now: string): { before: string[]; after: string[] } {
  const { before, after } = changedLines(old, now);
  const [one, two] = [before, after].map(valuesIn);
  const without = (values: string[] = [], others: string[] = []) => [
    ...new Set(values.filter((value) => !others.includes(value))),
  ];
  return { before: without(one, two), after: without(two, one) };
}
