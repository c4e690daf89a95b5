import { type SecretFinding, SecretsFound } from '../../factory/model/secrets/secrets-found.ts';
import type { LeftOutFile } from '../../factory/ports.ts';
import type { Git } from '../run/git.ts';
import type { Worktree } from '../run/places.ts';
import type { SecretScan } from './secrets.ts';
import { eachText, type StagedFile, stagedFiles, unstage } from './staged.ts';

interface Suspect {
  file: StagedFile;
  text: string;
  findings: SecretFinding[];
}

/**
 * Looks for keys in what a commit would add to `parent`.
 *
 * @param leaveOut is told of the files that were taken out of the index again. Missing: throws `SecretsFound`
 * @returns whether anything was taken out
 */
export async function scanStaged(
  git: Git,
  worktree: Worktree,
  parent: string,
  scan: SecretScan,
  leaveOut: ((files: LeftOutFile[]) => void) | undefined,
): Promise<boolean> {
  const suspects = await findSuspects(git, worktree, parent, scan);
  if (suspects.length === 0) return false;
  // Also for a commit that is not made: a file that is ignored from now on must not stay in the index.
  await unstage(
    git,
    worktree,
    suspects.map(({ file }) => file),
  );
  if (leaveOut === undefined) throw new SecretsFound(suspects.flatMap(({ findings }) => findings));
  leaveOut(suspects.map(({ file, text, findings }) => ({ path: readable(file.path), text, findings })));
  return true;
}

async function findSuspects(
  git: Git,
  worktree: Worktree,
  parent: string,
  scan: SecretScan,
): Promise<Suspect[]> {
  const files = await stagedFiles(git, worktree, parent);
  if (files.length === 0) return [];
  const byBlob = new Map<string, StagedFile[]>();
  for (const file of files) byBlob.set(file.blob, [...(byBlob.get(file.blob) ?? []), file]);
  const suspects: Suspect[] = [];
  await eachText(asked(git, worktree), [...byBlob.keys()], async (blob, text) => {
    for (const file of byBlob.get(blob) ?? []) {
      const before = async () => (file.before === null ? null : textOf(git, worktree, file.before.id));
      const findings = await scan({ path: readable(file.path), text, before });
      if (findings.length > 0) suspects.push({ file, text, findings });
    }
  });
  return suspects;
}

async function textOf(git: Git, worktree: Worktree, blob: string): Promise<string | null> {
  let found: string | null = null;
  await eachText(asked(git, worktree), [blob], async (_blob, text) => {
    found = text;
  });
  return found;
}

const asked =
  (git: Git, worktree: Worktree): Parameters<typeof eachText>[0] =>
  (args, call) =>
    git.worktree(worktree, args, call);

export function readable(path: string): string {
  return Buffer.from(path, 'latin1').toString('utf8');
}
