import { type Ecosystem, NO_SETUP, NOTHING_AT_HOME, wholeUnless } from '../types.ts';

/** Commands are the owner's to name. */
export const ruby: Ecosystem = {
  name: 'ruby',
  find: async () => ({}),
  definitions: {
    names: [/^\.(rspec(-local)?|minitest|rubocop(_todo)?\.yml|standard\.yml)$/],
    paths: [],
    families: [
      { names: /^[Rr]akefile(\.rb)?$/, locks: false, free: false },
      { names: /^(Gemfile|gems\.rb)$/, locks: false, free: false },
      { names: /^(Gemfile\.lock|gems\.locked)$/, locks: true, free: false },
    ],
  },
  // Programs that Bundler runs before every other.
  manifests: [
    {
      name: /^(Gemfile|gems\.rb)$/,
      merge: wholeUnless((base, head) => withoutGems(base) === withoutGems(head)),
    },
    {
      name: /\.gemspec$/,
      merge: wholeUnless((base, head) => withoutFacts(base) === withoutFacts(head)),
    },
  ],
  installed: [],
  setup: NO_SETUP,
  home: {
    ...NOTHING_AT_HOME,
    caches: ['.gem/ruby', '.local/share/gem/ruby'],
    companions: [{ when: '.rbenv', folder: '.rbenv', variable: 'RBENV_ROOT' }],
  },
};

/** Texts without code in them, names, and lists of such. */
const LITERAL = String.raw`(?:"(?:[^"\\\n#]|#(?!\{))*"|'[^'\\\n]*'|:\w+|true|false|nil|[\d.]+)`;
const VALUE = String.raw`(?:${LITERAL}|\[\s*(?:${LITERAL}\s*(?:,\s*)?)*\]|%[wi]\[[\w\s.-]*\])`;
/** Of a gem all but another place: code of the repository may lie there. */
const OPTION = String.raw`(?:(?:require|groups?|platforms?|install_if|force_ruby_platform):|:(?:require|groups?|platforms?)\s*=>)\s*${VALUE}`;
const END = String.raw`[ \t]*(?=\n|$)`;
const GEM = new RegExp(
  String.raw`^[ \t]*gem[ \t(]+${LITERAL}(?:\s*,\s*(?:${OPTION}|${VALUE}))*[ \t]*\)?${END}`,
  'gm',
);
const GROUP = new RegExp(
  String.raw`^[ \t]*group[ \t(]+${VALUE}(?:\s*,\s*${VALUE})*[ \t]*\)?[ \t]+do\s+end${END}`,
  'gm',
);
const VERSION = new RegExp(String.raw`^[ \t]*ruby[ \t(]+${VALUE}(?:\s*,\s*${VALUE})*[ \t]*\)?${END}`, 'gm');
const FACT = new RegExp(
  String.raw`^[ \t]*\w+\.(?:add_(?:runtime_|development_)?dependency[ \t(]+${VALUE}(?:\s*,\s*${VALUE})*[ \t]*\)?|(?:version|summary|description|homepage|licenses?|authors?|email|required_ruby_version|metadata\[${LITERAL}\])[ \t]*=[ \t]*(?:${VALUE}|[A-Z]\w*(?:::[A-Z]\w*)*))${END}`,
  'gm',
);

const withoutComments = (text: string): string => text.replace(/^[ \t]*#.*$|[ \t]#[ \t].*$/gm, '');
const onOneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

function withoutGems(text: string): string {
  return onOneLine(withoutComments(text).replace(GEM, '').replace(VERSION, '').replace(GROUP, ''));
}

function withoutFacts(text: string): string {
  return onOneLine(withoutComments(text).replace(FACT, ''));
}
