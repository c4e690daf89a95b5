import { type Ecosystem, NO_SETUP, NOTHING_AT_HOME, wholeUnless } from '../types.ts';

/** Elixir's: commands are the owner's to name. */
export const mix: Ecosystem = {
  name: 'mix',
  find: async () => ({}),
  definitions: {
    names: [/^\.(formatter|credo)\.exs$/],
    paths: [],
    families: [
      { names: /^mix\.exs$/, locks: false, free: false },
      { names: /^mix\.lock$/, locks: true, free: false },
    ],
  },
  manifests: [
    { name: /^mix\.exs$/, merge: wholeUnless((base, head) => provingPart(base) === provingPart(head)) },
  ],
  installed: [],
  setup: NO_SETUP,
  home: { ...NOTHING_AT_HOME, caches: ['.mix', '.hex/packages'] },
};

const STRING = String.raw`"(?:[^"\\\n#]|#(?!\{))*"`;
const VALUE = String.raw`(?:${STRING}|:\w+|true|false|\[\s*(?::\w+\s*(?:,\s*)?)*\])`;
/** Of a package all but another place: code of the repository may lie there. */
const PACKAGE = new RegExp(
  String.raw`\{\s*:\w+\s*,\s*${STRING}(?:\s*,\s*(?:only|runtime|optional|override|targets|env|hex|repo):\s*${VALUE})*\s*\}\s*,?`,
  'g',
);
const FACT = new RegExp(
  String.raw`\b(?:version|description|elixir|name|source_url|homepage_url):\s*${STRING}\s*,?`,
  'g',
);
const VERSION = new RegExp(
  String.raw`^[ \t]*@(?:version|source_url|description)[ \t]+${STRING}[ \t]*$`,
  'gm',
);

/** All but packages by version and what describes the project, without layout and comments. */
function provingPart(text: string): string {
  return text
    .replace(/^[ \t]*#.*$|[ \t]#[ \t].*$/gm, '')
    .replace(VERSION, '')
    .replace(PACKAGE, '')
    .replace(FACT, '')
    .replace(/\s+/g, ' ')
    .replace(/ ?,? ?\]/g, ']')
    .replace(/\[ /g, '[')
    .trim();
}
