import { type Ecosystem, NO_SETUP, NOTHING_AT_HOME, wholeUnless } from '../types.ts';

/** Scala's: commands are the owner's to name. */
export const sbt: Ecosystem = {
  name: 'sbt',
  find: async () => ({}),
  definitions: {
    names: [],
    paths: [],
    families: [{ names: /^[\w-]+\.sbt$/, locks: false, free: false }],
  },
  manifests: [
    { name: /\.sbt$/, merge: wholeUnless((base, head) => provingPart(base) === provingPart(head)) },
  ],
  installed: [],
  setup: NO_SETUP,
  home: NOTHING_AT_HOME,
};

const STRING = String.raw`"[^"\\\n]*"`;
const MODULE = String.raw`${STRING}\s*%{1,3}\s*${STRING}\s*%\s*(?:${STRING}|\w+)(?:\s*%\s*(?:${STRING}|Test|Provided|Runtime|Compile|Optional))?`;
const ONE = new RegExp(String.raw`^[ \t]*libraryDependencies[ \t]*\+=[ \t]*${MODULE}[ \t]*,?[ \t]*$`, 'gm');
const MANY = new RegExp(
  String.raw`\blibraryDependencies\s*\+\+=\s*Seq\(\s*(?:${MODULE}\s*(?:,\s*)?)*\)[ \t]*,?[ \t]*$`,
  'gm',
);
const FACT = new RegExp(
  String.raw`^[ \t]*(?:ThisBuild[ \t]*/[ \t]*)?(?:version|scalaVersion|organization|description|name)[ \t]*:=[ \t]*${STRING}[ \t]*,?[ \t]*$`,
  'gm',
);
/** All but packages by version and what describes the project, without layout and comments. */
function provingPart(text: string): string {
  return text
    .replace(/("(?:\\.|[^"\\\n])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_all, string?: string) => string ?? '')
    .replace(ONE, '')
    .replace(MANY, '')
    .replace(FACT, '')
    .replace(/\s+/g, ' ')
    .trim();
}
