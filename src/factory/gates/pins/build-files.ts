/*
 * Build files in which dependencies and the work's own settings stand beside what decides whether tests run. Dependencies and
 * new members are ordinary work.
 */

/** Of a Cargo.toml: keys that take tests out of a run, by section, and members that are left out of a workspace. */
export function provingKeys(text: string): string[] {
  const found: string[] = [];
  let section = '';
  let joined = '';
  for (const raw of text.split('\n')) {
    const line = raw.replace(/#[^"']*$/, '').trim();
    section = /^\[\[?\s*([^\]]+?)\s*\]\]?$/.exec(line)?.[1] ?? section;
    joined += line;
    if ((joined.match(/\[/g)?.length ?? 0) > (joined.match(/\]/g)?.length ?? 0)) continue;
    const [, key = '', value = ''] = /^["']?([\w-]+)["']?\s*=\s*(.*)$/.exec(joined) ?? [];
    joined = '';
    const switches = /^(test|doctest|harness|autotests|autobins|autoexamples|build)$/;
    if (/^(package|lib|bin|example)$/.test(section) && switches.test(key))
      found.push(`${section} ${key} ${value}`);
    if (section === 'workspace' && /^(exclude|default-members)$/.test(key)) found.push(`${key} ${value}`);
  }
  return found.sort();
}

/** Of a pom.xml or build.gradle: all but dependencies, coordinates and modules, without layout and comments. */
export function provingPart(path: string, text: string): string {
  return path.endsWith('.xml') ? ofMaven(text) : ofGradle(text);
}

const PROVES = /test|skip|surefire|failsafe|argLine|groups|jacoco|exclude|include|source|encoding/i;

function ofMaven(text: string): string {
  const bare = text
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([<>]) ?/g, '$1');
  const parts = ['parent', 'build', 'profiles', 'reporting', 'pluginRepositories', 'packaging'].flatMap(
    (tag) => bare.match(new RegExp(`<${tag}>[\\s\\S]*?</${tag}>`, 'g')) ?? [],
  );
  const properties = (bare.match(/<properties>[\s\S]*?<\/properties>/g) ?? [])
    .flatMap((each) => each.match(/<[\w.-]+>[^<]*<\/[\w.-]+>/g) ?? [])
    .filter((each) => PROVES.test(each) && !/version>/i.test(each));
  return [...parts, ...properties].join('\n');
}

function ofGradle(text: string): string {
  const bare = text.replace(
    /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
    (_all, string?: string) => string ?? '',
  );
  return withoutBlocks(bare, /(?:^|\n)\s*dependencies\s*\{/)
    .replace(/^\s*(?:version|group|description)\b.*$/gm, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Without each block whose head is given, to its closing bracket. */
function withoutBlocks(text: string, head: RegExp): string {
  let rest = text;
  for (let found = head.exec(rest); found !== null; found = head.exec(rest)) {
    let depth = 1;
    let at = found.index + found[0].length;
    for (; at < rest.length && depth > 0; at += 1) {
      if (rest[at] === '{') depth += 1;
      if (rest[at] === '}') depth -= 1;
    }
    rest = rest.slice(0, found.index) + rest.slice(at);
  }
  return rest;
}
