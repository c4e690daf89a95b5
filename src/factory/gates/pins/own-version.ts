import { asRecord } from '../../../lib/record.ts';

/*
 * The version of the repository's own packages, which lock files and settings repeat: a release changes it, and nothing of what proves.
 */

/** What a file of this name says without it; `null`: no such file is known. */
export function withoutOwnVersion(name: string): ((text: string) => string) | null {
  if (name === 'Cargo.lock') return (text) => inOwnPackages(text, (block) => !/^source = /m.test(block));
  if (name === 'uv.lock') return (text) => inOwnPackages(text, (block) => LOCAL.test(block));
  if (name === 'Gemfile.lock') return withoutOwnGems;
  if (name === 'lerna.json') return (text) => text.replace(/"version"\s*:\s*"\d[^"]*"/, '"version": ""');
  if (name === 'gradle.properties') return (text) => text.replace(OWN_PROPERTY, '$1');
  return null;
}

const LOCAL = /^source = \{ (?:editable|virtual|directory) = "(?!\/)[^"]*" \}$/m;
const OWN_PROPERTY =
  /^([ \t]*(?:(?:project|library|plugin|mod|app|release)[._-]?)?version(?:[._-]?name)?[ \t]*[=:]).*$/gim;

/** Packages of a registry have a source of their own, which stands in their block. */
function inOwnPackages(text: string, isOwn: (block: string) => boolean): string {
  return text
    .split(/^(?=\[\[package\]\]$)/m)
    .map((block) =>
      block.startsWith('[[package]]') && isOwn(block) ? block.replace(/^version = ".*"$/m, 'version') : block,
    )
    .join('');
}

/** Gems of the repository stand below `PATH`, and may ask for each other by their version. */
function withoutOwnGems(text: string): string {
  const own = new Set<string>();
  for (const [part] of text.matchAll(/^PATH\n {2}remote: .*\n(?: {2}.*\n)*/gm))
    for (const [, name = ''] of part.matchAll(/^ {4}(\S+) \(/gm)) own.add(name);
  return text.replace(/^(PATH|CHECKSUMS)\n(?: {2}.*(?:\n|$))*/gm, (part) =>
    part.replace(/^( +)(\S+) \((?:= )?[^()\s]+\)$/gm, (line, indent: string, name: string) =>
      own.has(name) ? `${indent}${name}` : line,
    ),
  );
}

/** Of a lock file of npm's: which packages are installed, without what it repeats of the repository's own package.json files. */
export function npmPackages(read: unknown): unknown {
  const { json } = asRecord(read);
  if (json === undefined) return null;
  const { name: _name, version: _version, packages, ...rest } = asRecord(json);
  const { '': root, ...others } = asRecord(packages);
  const linked = new Set(
    Object.entries(others).flatMap(([path, each]) =>
      asRecord(each)['link'] === true ? [path.replace(/^.*node_modules\//, '')] : [],
    ),
  );
  const wanted = Object.entries(asRecord(root)).filter(([key]) => /dependencies|workspaces/i.test(key));
  const all = Object.entries(others).map(([path, each]) => {
    const { version: _own, ...own } = asRecord(each);
    return [path, /(?:^|\/)node_modules\//.test(path) ? each : withoutLinked(own, linked)];
  });
  return {
    ...rest,
    packages: Object.fromEntries(all),
    wanted: withoutLinked(Object.fromEntries(wanted), linked),
  };
}

/** Whatever version of a package of the repository is asked for, the repository's own is linked. */
function withoutLinked(manifest: Record<string, unknown>, linked: ReadonlySet<string>) {
  const each = Object.entries(manifest).map(([key, value]) => [
    key,
    /dependencies$/i.test(key)
      ? Object.fromEntries(
          Object.entries(asRecord(value)).map(([name, range]) => [name, linked.has(name) ? '' : range]),
        )
      : value,
  ]);
  return Object.fromEntries(each) as Record<string, unknown>;
}
