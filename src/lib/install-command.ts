import table from '../../scripts/needs.json' with { type: 'json' };
import { findProgram } from './process/programs.ts';

/**
 * What a person types to install one of what the machine needs, by its name in the table that `scripts/prerequisites.mjs` installs from.
 *
 * @returns `null` where no package manager that is known is on the path
 */
export function installCommand(name: string, path: string, platform: NodeJS.Platform): string | null {
  const packages = new Map(Object.entries(table.needs.find((need) => need.name === name)?.packages ?? {}));
  const [manager, install] =
    Object.entries(table.managers).find(
      ([each]) =>
        packages.has(each) && (platform === 'darwin' ? each === 'brew' : findProgram(each, path) !== null),
    ) ?? [];
  if (manager === undefined) return null;
  const sudo = process.getuid?.() === 0 || manager === 'brew' ? '' : 'sudo ';
  const update = manager === 'apt-get' ? `${sudo}apt-get update && ` : '';
  return `${update}${sudo}${install} ${packages.get(manager)}`;
}
