/** Of a lock file of npm's: which packages are installed, without what it repeats of the root's own package.json. */
export function wantedPackages(read: unknown): unknown {
  const { json } = recordOf(read);
  if (json === undefined) return null;
  const { name: _name, version: _version, packages, ...rest } = recordOf(json);
  const { '': root, ...others } = recordOf(packages);
  const wanted = Object.entries(recordOf(root)).filter(([key]) => /dependencies|workspaces/i.test(key));
  return { ...rest, packages: others, wanted: Object.fromEntries(wanted) };
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
