#!/usr/bin/env node
/**
 * The program. Loads nothing before the version of Node is known to suit, since an older one would fail on the syntax
 * of the first import with a message that helps nobody.
 */
const OLDEST = { major: 20, minor: 19 };

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < OLDEST.major || (major === OLDEST.major && minor < OLDEST.minor)) {
  process.stderr.write(
    `error: Node ${process.versions.node} is too old. Install Node ${OLDEST.major}.${OLDEST.minor} or newer.\n`,
  );
  process.exitCode = 4;
} else {
  const { main } = await import('../producers/cli/main.ts');
  // Workers and producers do not know each other; the program above both hands one to the other.
  await main(process.argv, async (options) => {
    await keepHeapSmall();
    const { runWorker } = await import('../workers/main.ts');
    return runWorker(options);
  });
}

/**
 * A worker makes much short-lived data (requests, lines of logs), and V8 answers by growing the space for it to 48 MB. Kept
 * small it is swept a little more often, and eight projects in one worker take 30 MB less. To be called before the worker
 * is loaded; other engines have no such flag.
 */
async function keepHeapSmall(): Promise<void> {
  if (process.versions['bun'] !== undefined) return;
  const { setFlagsFromString } = await import('node:v8');
  setFlagsFromString('--semi-space-growth-factor=1');
}

export {};
