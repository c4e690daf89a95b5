import { usageError } from '../../lib/failure.ts';
import { vendorOf } from '../finance/providers/select.ts';
import type { RepositoryCommands } from '../gates/ecosystems/types.ts';
import { sealedCommand } from '../gates/run/sealed.ts';
import type { ProvidersFile } from '../model/money/finance.ts';
import type { ProjectSettings } from '../model/project.ts';
import type { SealedShow } from '../model/sealing/sealed.ts';
import type { SealWith } from '../model/sealing/sealer.ts';

/** What `df init --seal-with` was given. */
export interface NewSealWith {
  persona: string;
  /** Missing: the gate's test command. */
  command?: string;
  show: SealedShow;
}

/** @throws DarkFactoryError `usage`/`sealed_command_missing` */
export function sealWithSettings(
  { persona, command, show }: NewSealWith,
  settings: Pick<ProjectSettings, 'commands'>,
  ecosystem: Pick<RepositoryCommands, 'test'>,
): SealWith {
  return { persona, command: sealedCommand(command, settings, ecosystem), show };
}

/** Both at once would leave open whose checks count. */
export function refuseTwoSeals(): never {
  throw usageError(
    'sealed_twice',
    'Both --sealed and --seal-with were given',
    'Give the folder with your own acceptance tests, or the persona that is to write them, not both.',
  );
}

/** How checks are run and shown, and no checks. @param option as it was given */
export function refuseWithoutSeals(option: string): never {
  throw usageError(
    'sealed_folder_missing',
    `${option} was given without sealed checks`,
    'Name who is to write them (--seal-with PERSONA; in a document, sealWith), or a folder with acceptance tests (--sealed DIR; in a file of projects, sealed).',
  );
}

/** What the owner should know when nobody but the author could write the checks; none when all is well. */
export function sealerWarnings({ providers }: Pick<ProvidersFile, 'providers'>): string[] {
  const vendors = new Set(providers.filter(({ enabled }) => enabled).map(vendorOf));
  return vendors.size > 1
    ? []
    : [
        'There are no providers of two vendors. The sealed checks will be written by the one that does the work, and may have its blind spots.',
      ];
}
