/*
 * Whether a sentence of the owner's gives leave to change a file. Naming a file is not enough: "Fix the bug that makes
 * test/sum.test.js fail" names a test and asks for other code. A leave has a word of change with the file as its object.
 * When it is not clear, it is none: then the owner is asked, or says `gates.allowChanges`.
 */

/** `add` allows a new file, or more in one that is there; `delete` allows all. */
export type Act = 'change' | 'delete' | 'add';

const CHANGE =
  'change|update|edit|modify|rewrite|adapt|adjust|alter|amend|revise|extend|refactor|rework|replace|regenerate|refresh|rename|move|split|merge|convert|migrate|port|translate|reformat|format|clean|simplify|tidy|shorten|overwrite|set|bump|loosen|relax|tighten|touch|align|raise|lower|configure|switch|upgrade|record';
const DELETE = 'delete|remove|drop|skip|disable|retire|discard';
const ADD = 'add|create|write|append|introduce|put';
/** Of a test they ask for other code, unless it is said that what the test expects is wrong. */
const FIX = 'fix|mend|repair|correct';
const VERBS: readonly [Act | 'fix', RegExp][] = [
  ['change', new RegExp(`^(?:${CHANGE})$`)],
  ['delete', new RegExp(`^(?:${DELETE})$`)],
  ['add', new RegExp(`^(?:${ADD})$`)],
  ['fix', new RegExp(`^(?:${FIX})$`)],
];
const EXPECTED = /^(?:expect\w*|assert\w*|typos?|snapshots?|fixtures?|wording|titles?|comments?|imports?)$/;

/** What stands between a word of change and its object without coming between them. */
const BARRIER =
  /^(?:that|which|who|whose|what|whatever|where|when|while|until|till|unless|because|since|if|whether|so|such|as|like|per|according|for|make|makes|making|get|let|pass|passes|passing|fails|break|breaks|run|see|check|look|read|consult|keep|leave|verify|ensure|satisfy|satisfies|match|matches|meet|follow|use|using|against|with|by|from|under|covered|tested|described|expected|required|asserted|shown|given|mentioned|is|are|was|has|have|must|should|may|can|will|behind|around|but|not|failures?|errors?|causes?|bugs?|problems?|regressions?|breakage|reds?|reported|found|\()$/;
/** Words that may follow the object of a leave; anything else may be a sentence in which the file is the subject. */
const AFTER =
  /^(?:and|or|to|so|accordingly|too|also|as|for|in|into|of|with|where|if|since|because|by|from|then|but|while|first|completely|entirely|after|before|which|that|test|file|files|fixture|fixtures|snapshot|snapshots|suite|itself|targets?|scripts?|entry|entries|section|rules?|options?|settings?|now|again|along|together|on|at|via|such|plus|where|wherever|if|needed|necessary|when)$/;
const NEGATED =
  /\b(?:not|never|no|nobody|nothing|none|without|nor|neither|cannot|avoid|refrain|instead of|rather than|forbidden|prohibited|stop)\b/;
const CONDITION =
  /\b(?:if|whether|when|whenever|unless|until|once|after|before|since|why|how|who|whoever|what|that|which|because|would|could)\b/;
const FILLERS = /^(?:also|then|just|simply|please|now|carefully|accordingly|directly|kindly)$/;
const MODALS =
  'may|can|should|must|shall|could|will|will have to|has to|have to|needs? to|is to|are to|ought to';

/** Sentences and parts of such, one thing said in each; lower case, without quotation marks. */
function clausesOf(text: string): string[] {
  const plain = text
    .toLowerCase()
    .replace(/n['’]t\b/g, ' not')
    .replace(/[`"“”'‘’*]/g, ' ')
    .replace(/\b(?:do not|never) forget to\b/g, 'remember to')
    .replace(/\bas well as\b/g, 'and')
    .replace(/\b(?:not only|no longer)\b/g, ' ')
    .replace(/\bget rid of\b|\bthrow (?:away|out)\b/g, 'delete')
    .replace(/\bclean up\b/g, 'clean')
    .replace(
      /\bmake (?:an? |the |any |some )?(?:\w+ )?(?:change|edit|adjustment|update|correction)s? (?:to|in)\b/g,
      'change',
    )
    .replace(/\b(?:and|then) (?:re-?)?test (?=\S)/g, 'and run ');
  const lines: string[] = [];
  let lead = '';
  for (const line of plain.split('\n')) {
    const item = /^\s*(?:[-•]|\d+[.)])\s+(.*)$/.exec(line)?.[1];
    lines.push(item === undefined ? line : `${lead} ${item}`);
    if (item === undefined && line.trim() !== '') lead = /:\s*$/.test(line) ? line.trim() : '';
  }
  return lines.flatMap((line) =>
    line.split(
      /(?<=[.!?])\s+|;|,?\s+but\s+|\s+[–—]\s+|,\s+(?=(?:so|while|whereas|although|though|because|which|where)\b)/,
    ),
  );
}

const wordsOf = (text: string): string[] => text.replace(/\(\)/g, '').match(/\(|,|:|[^\s(),:]+/g) ?? [];

interface Place {
  before: string;
  after: string;
}

function places(clause: string, object: RegExp): Place[] {
  return [...clause.matchAll(object)].map((found) => ({
    before: clause.slice(0, found.index),
    after: clause.slice(found.index + found[0].length),
  }));
}

/** "Update … <object>": the word of change before it, in the place of an order or a wish. */
function ordered({ before, after }: Place, isTest: boolean): Act | null {
  if (NEGATED.test(before)) return null;
  const next = /^\s*([^\s]+)/.exec(after)?.[1] ?? '';
  if (next !== '' && !/^[.,:!?)]/.test(next) && !AFTER.test(next.replace(/[.,:!?)]+$/, ''))) return null;
  const words = wordsOf(before);
  for (let at = words.length - 1; at >= 0 && words.length - at <= 13; at--) {
    const word = words[at] ?? '';
    const act = VERBS.find(([, verb]) => verb.test(word))?.[0];
    const between = words.slice(at + 1);
    if (act !== undefined && isOrder(words.slice(0, at))) {
      // "Adapt the code to …" names what stays.
      if (/^(?:adapt|adjust|align|port)$/.test(word) && between.includes('to')) return null;
      // A comma goes on only with a list of files.
      const list = between.includes(',') ? between.slice(Math.max(0, between.indexOf(',') - 1)) : [];
      if (list.some((each) => !/[./]|^(?:,|and|the|or|both)$/.test(each))) return null;
      if (act !== 'fix') return act;
      return !isTest || between.some((each) => EXPECTED.test(each)) ? 'change' : null;
    }
    if (comesBetween(words, at, isTest)) return null;
  }
  return null;
}

function comesBetween(words: readonly string[], at: number, isTest: boolean): boolean {
  const word = words[at] ?? '';
  if (!BARRIER.test(word)) return false;
  // "Fix the bug in …": of a test it may be elsewhere that the bug is.
  if (!isTest && /^(?:bugs?|problems?|errors?)$/.test(word) && words[at + 1] === 'in') return false;
  if (word === 'expected') return words[at - 1] !== 'the';
  // "Replace 90 by 85 in …"
  return !(/^(?:by|with)$/.test(word) && words.includes('in', at) && words.slice(0, at).includes('replace'));
}

/** Whether what stands before a word of change makes an order of it, and no tale, noun or condition. */
function isOrder(before: readonly string[]): boolean {
  const said = before.slice(before.lastIndexOf(',') + 1);
  if (CONDITION.test(said.join(' '))) return false;
  const words = said.filter((each) => !FILLERS.test(each));
  const last = words.at(-1);
  if (last === undefined || /^(?:and|or|:|-|you|we)$/.test(last)) return true;
  if (/^(?:may|can|should|must|shall|will)$/.test(last))
    return /^(?:you|we|agents?|one)$/.test(words.at(-2) ?? '');
  return (
    last === 'to' &&
    /^(?:need|needs|have|has|want|like|allowed|free|fine|ok|okay|is|are|sure|remember|task|job|goal|welcome|permitted|you|ask|asked|:)$/.test(
      words.at(-2) ?? ':',
    )
  );
}

const PAST: Readonly<Record<string, string>> = {
  rewrite: 'rewritten',
  set: 'set',
  split: 'split',
  overwrite: 'overwritten',
  write: 'written',
  put: 'put',
};
function pastOf(verbs: string): string {
  return verbs
    .split('|')
    .map(
      (verb) =>
        PAST[verb] ??
        (/[^aeiou]y$/.test(verb) ? `${verb.slice(0, -1)}ied` : `${verb}(?:${verb.slice(-1)})?e?d`),
    )
    .join('|');
}
const ALLOWED: readonly [Act, RegExp][] = (
  [
    ['change', CHANGE],
    ['delete', `${DELETE}|go`],
  ] as const
).map(([act, verbs]): [Act, RegExp] => [
  act,
  new RegExp(
    `^(?:\\s+(?:files?|tests?|fixtures?|too|also|itself|therefore|then))*\\s+(?:(?:${MODALS})\\s+(?:(?:also|then|now|therefore)\\s+)?(?:${verbs}|be\\s+(?:${pastOf(verbs)}))\\b|needs?\\s+(?:an?\\s+)?(?:${verbs}|(?:${verbs.replaceAll('e|', '|').replace(/e$/, '')})ing)\\b)`,
  ),
]);

/** "<object> may be changed", "<object> needs an update". */
function allowed({ before, after }: Place): Act | null {
  if (NEGATED.test(before) || CONDITION.test(before)) return null;
  return ALLOWED.find(([, said]) => said.test(after))?.[0] ?? null;
}

/** "In <object>, change …", "<object>: update the expected value". */
function within({ before, after }: Place): Act | null {
  const inside = /^\W*(?:(?:and|then|please|also)\s+)*in\s+(?:the\s+)?(?:(?:test|file)\s+)*$/.test(before);
  const told = inside
    ? /^\s*,?\s*(?:(?:please|also|then)\s+)*([a-z]+)\s+(?!nothing|no\b|none)/.exec(after)?.[1]
    : /^\W*$/.test(before) &&
      /^\s*(?::|-)\s+(?:please\s+)?([a-z]+)\s+(?:\S+\s+){0,3}?(?:expect\w*|assert\w*|tests?|cases?|snapshots?|fixtures?|titles?)\b/.exec(
        after,
      )?.[1];
  const act = VERBS.find(([, verb]) => verb.test(told || ''))?.[0];
  return act === undefined || act === 'fix' ? null : act;
}

/** @param object what is to be changed, as a global pattern for text in lower case */
export function leavesIn(text: string, object: RegExp, isTest: boolean): Set<Act> {
  const acts = new Set<Act>();
  for (const clause of clausesOf(text))
    for (const place of places(clause, object)) {
      const act = ordered(place, isTest) ?? allowed(place) ?? within(place);
      if (act !== null) acts.add(act);
    }
  return acts;
}

/** Whether it is said that something is to stay as it is. */
export function isForbidden(text: string, object: RegExp): boolean {
  const gerunds = CHANGE.replaceAll('e|', '|').replace(/e$/, '');
  const verbs = `${CHANGE}|(?:${gerunds})ing`;
  const order = new RegExp(
    `\\b(?:not|never|without|nor|avoid|refrain from|instead of|rather than)\\s+(?:(?:ever|to|be|by)\\s+)*(?:${verbs})\\b(?:(?!\\b(?:and|that|which|so)\\b)[^,:])*$`,
  );
  const left = /\b(?:leave|leaving|keep|keeping)\s+(?:(?!\b(?:and|that)\b)[^,:])*$/;
  const stays =
    /^(?:\s+\w+){0,3}?\s+(?:alone|as\s+(?:it|they)\s+(?:is|are)|as\s+is|unchanged|untouched|intact)\b/;
  const kept = new RegExp(
    `^(?:\\s+(?:files?|tests?))?\\s+(?:must|may|should|can|shall|is to|are to)\\s*(?:not|never|stay|remain)\\b(?:\\s+be)?\\s*(?:${pastOf(CHANGE)}|${CHANGE}|unchanged|untouched|as)\\b`,
  );
  return clausesOf(text).some((clause) =>
    places(clause, object).some(
      ({ before, after }) =>
        order.test(before) || (left.test(before) && stays.test(after)) || kept.test(after),
    ),
  );
}
