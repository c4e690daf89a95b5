import { createHash } from 'node:crypto';
import { DarkFactoryError, usageError } from '../../../lib/failure.ts';
import type { GateCheck } from '../../model/gates/gate-check.ts';
import type { ProjectSettings } from '../../model/project.ts';
import type { SealedFile, SealedSettings, SealedShow } from '../../model/sealing/sealed.ts';
import type { RepositoryCommands } from '../ecosystems/types.ts';

/** What `df init --sealed` was given. */
export interface NewSealed {
  /** Absolute, without symbolic links. */
  folder: string;
  files: readonly SealedFile[];
  /** Missing: the gate's test command. */
  command?: string;
  show: SealedShow;
}

/** The name of the check in a gate's report. */
export const SEALED = 'Sealed';

export function sealedCheck({ command }: Pick<SealedSettings, 'command'>): GateCheck {
  return { name: SEALED, command, expectedExitCode: 0, source: 'sealed' };
}

/** One hash over paths, modes and contents, whatever their order. */
export function fingerprint(files: readonly SealedFile[]): string {
  const rows = files.map(({ path, executable, content }) => [
    path,
    executable,
    createHash('sha256').update(content).digest('hex'),
  ]);
  rows.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(rows)).digest('hex');
}

/**
 * What a project remembers of its sealed checks.
 *
 * @param base the repository's top folder, and the paths of the base commit
 * @throws DarkFactoryError `usage`: `sealed_visible` when every agent would find them in its worktree,
 *   `sealed_command_missing` when nobody said how to run them
 */
export function sealSettings(
  { folder, files, command, show }: NewSealed,
  settings: Pick<ProjectSettings, 'commands'>,
  ecosystem: Pick<RepositoryCommands, 'test'>,
  base: { root: string; paths: readonly string[] },
): SealedSettings {
  const inside =
    folder === base.root
      ? ''
      : folder.startsWith(`${base.root}/`)
        ? folder.slice(base.root.length + 1)
        : null;
  if (inside !== null && base.paths.some((path) => inside === '' || path.startsWith(`${inside}/`))) {
    throw usageError(
      'sealed_visible',
      `${folder} is part of the base commit, so every agent would see it in its worktree`,
      'Keep sealed checks in a folder that is not committed, best outside the repository.',
    );
  }
  const run = sealedCommand(command, settings, ecosystem);
  return { command: run, show, files: files.length, hash: fingerprint(files) };
}

/** @throws DarkFactoryError `usage`/`sealed_command_missing` when nobody said how to run sealed checks */
export function sealedCommand(
  given: string | undefined,
  settings: Pick<ProjectSettings, 'commands'>,
  ecosystem: Pick<RepositoryCommands, 'test'>,
): string {
  const command = given ?? settings.commands.test ?? ecosystem.test?.command;
  if (command !== undefined) return command;
  throw usageError(
    'sealed_command_missing',
    'Nothing says how to run the sealed checks: the repository names no test command',
    'Give one with --sealed-command CMD.',
  );
}

/**
 * The sealed checks of a project as they were at `df init`.
 *
 * @param files what lies in the project's folder now; `null`: nothing
 * @throws DarkFactoryError `environment`/`sealed_missing`, `environment`/`sealed_changed`: without them nothing is proved, so
 *   the gate does not run
 */
export function requireSealed(
  settings: SealedSettings,
  files: readonly SealedFile[] | null,
  folder: string,
): readonly SealedFile[] {
  if (files === null || files.length === 0) {
    throw new DarkFactoryError(
      'environment',
      'sealed_missing',
      `${folder}: the sealed checks of this project are gone, so its gate cannot pass`,
      'Put the folder back as it was, then df resume; or make the project anew.',
    );
  }
  if (fingerprint(files) === settings.hash) return files;
  throw new DarkFactoryError(
    'environment',
    'sealed_changed',
    `${folder}: the sealed checks are not those of df init any more (${files.length} files there, ${settings.files} then)`,
    'Put the folder back as it was, then df resume; or make the project anew.',
  );
}
