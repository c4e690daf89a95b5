/** A process that runs one long command in a sandbox, to be killed. */
import { config } from '../../src/factory/config/config.ts';
import { createSandbox } from '../../src/sandbox/sandbox.ts';

const { worktree, gitDir, mode, outputFile } = JSON.parse(process.env['STAGE'] ?? '{}');
const sandbox = await createSandbox({ config: { ...config.parse({}).sandbox, mode }, hidden: [] });
await sandbox.run({
  command: 'setsid sleep 991 & sleep 992 & touch orphan; sleep 993',
  worktree,
  gitDir,
  timeoutMs: 60_000,
  outputFile,
});
