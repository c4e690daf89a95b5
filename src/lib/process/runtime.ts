/** The oldest ones on which the program's tests pass: Bun before 1.3 lacks parts of Node's API, or waits for ever in them. */
const OLDEST = { node: [20, 19], bun: [1, 3] } as const;

export interface Runtime {
  name: 'Node.js' | 'Bun';
  version: string;
  /** For people: why the program cannot run on it. */
  problem?: string;
}

/**
 * What runs this program. Bun gives itself out for some version of Node, which says nothing about it.
 *
 * @param versions as in `process.versions`
 */
export function runtimeOf(versions: Readonly<Record<string, string | undefined>>): Runtime {
  const bun = versions['bun'];
  const name = bun === undefined ? 'Node.js' : 'Bun';
  const version = bun ?? versions['node'] ?? '0';
  const [oldestMajor, oldestMinor] = bun === undefined ? OLDEST.node : OLDEST.bun;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return { name, version };
  const other = bun === undefined ? '' : `, or Node.js ${OLDEST.node.join('.')} or newer`;
  const problem = `${name} ${version} is too old. Install ${name} ${oldestMajor}.${oldestMinor} or newer${other}.`;
  return { name, version, problem };
}
