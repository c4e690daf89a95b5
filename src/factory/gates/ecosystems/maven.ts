import { type Ecosystem, type FoundCommand, NO_SETUP, NOTHING_AT_HOME, wholeUnless } from './types.ts';

/**
 * Without a set-up: which packages its plugins need shows only while they run, and `dependency:go-offline` leaves some of them out. What
 * the owner's builds have downloaded is shown to commands, so one build on this machine has to come before.
 */
export const maven: Ecosystem = {
  name: 'maven',
  async find(tree) {
    const text = tree.has('pom.xml') ? await tree.read('pom.xml') : null;
    if (text === null) return {};
    const program = tree.has('mvnw') ? './mvnw' : 'mvn';
    const goal = (name: string): FoundCommand => ({ command: `${program} -B -o ${name}`, source: 'pom.xml' });
    return {
      test: goal('test'),
      lint: text.includes('maven-checkstyle-plugin') ? goal('checkstyle:check') : null,
      format: text.includes('spotless-maven-plugin') ? goal('spotless:check') : null,
      guessed: ['lint', 'format'],
    };
  },
  definitions: {
    names: [/^(checkstyle|junit-platform|surefire)([-.].*)?\.(xml|properties)$/, /^\.java-version$/],
    paths: [/(^|\/)\.mvn\//],
    families: [{ names: /^mvnw(\.cmd)?$/, locks: false, free: false }],
  },
  manifests: [
    { name: /^pom\.xml$/, merge: wholeUnless((base, head) => provingPart(base) === provingPart(head)) },
  ],
  installed: [],
  setup: { ...NO_SETUP, programs: ['java', 'mvn'] },
  home: {
    ...NOTHING_AT_HOME,
    caches: ['.m2/repository', '.m2/wrapper'],
    settings: ['.m2/settings.xml', '.m2/toolchains.xml'],
  },
};

const PROVES = /test|skip|surefire|failsafe|argLine|groups|jacoco|exclude|include|source|encoding/i;

/** What stands in a text as it is, and what says nothing. */
const RAW = /<!\[CDATA\[([\s\S]*?)\]\]>|<!--[\s\S]*?-->|<\?[\s\S]*?\?>/g;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const tagIn = (text: string, tag: string): string =>
  new RegExp(`<${tag}>\\s*([^<]*?)\\s*</${tag}>`).exec(text)?.[1] ?? '';
const PARENT = /<parent>[\s\S]*?<\/parent>/;

/** What a pom.xml says of itself before all sections. */
function coordinates(text: string): { name: string; version: string } {
  const bare = text.replace(/<!--[\s\S]*?-->/g, '');
  const parent = PARENT.exec(bare)?.[0] ?? '';
  const own = bare
    .replace(PARENT, '')
    .replace(
      /<(dependencies|dependencyManagement|build|profiles|reporting|properties)(?: [^>]*)?>[\s\S]*?<\/\1>/g,
      '',
    );
  return { name: tagIn(own, 'artifactId'), version: tagIn(own, 'version') || tagIn(parent, 'version') };
}

/**
 * The base's pom.xml of a module with the version that its parent has now: a release of the repository gives both another one, and with
 * one of them alone nothing is built.
 *
 * @param others those of the repository that changed, and stay as the agent wrote them
 */
export function withParentOfNow(
  base: string,
  head: string,
  others: readonly { old: string; now: string }[],
): string {
  const [one, two] = [base, head].map((text) => PARENT.exec(text)?.[0] ?? '');
  const [before, after] = [tagIn(one ?? '', 'version'), tagIn(two ?? '', 'version')];
  if (before === '' || after === '' || before === after) return base;
  const isOurs = others.some(({ old, now }) => {
    const [was, is] = [coordinates(old), coordinates(now)];
    const isParent =
      was.name === tagIn(one ?? '', 'artifactId') && is.name === tagIn(two ?? '', 'artifactId');
    return isParent && was.version === before && is.version === after;
  });
  return isOurs
    ? base.replace(PARENT, (parent) => parent.replace(/(<version>\s*)[^<]*?(\s*<)/, `$1${after}$2`))
    : base;
}

/** All but dependencies, coordinates and modules, without layout and comments. */
function provingPart(text: string): string {
  const bare = text
    .replace(RAW, (_all, raw?: string) => escaped(raw ?? ''))
    .replace(/\s+/g, ' ')
    .replace(/ ?([<>]) ?/g, '$1');
  const parts = ['parent', 'build', 'profiles', 'reporting', 'pluginRepositories', 'packaging'].flatMap(
    (tag) => bare.match(new RegExp(`<${tag}(?: [^>]*)?>[\\s\\S]*?</${tag}>`, 'g')) ?? [],
  );
  const properties = (bare.match(/<properties(?: [^>]*)?>[\s\S]*?<\/properties>/g) ?? [])
    .flatMap((each) => each.match(/<([\w.-]+)(?: [^<>]*)?(?:\/>|>[^<]*<\/\1>)/g) ?? [])
    .filter((each) => PROVES.test(each) && !/version\/?>/i.test(each));
  return [...parts, ...properties].join('\n');
}
