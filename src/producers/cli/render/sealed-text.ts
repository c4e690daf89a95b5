import type { Project } from '../../../factory/model/project.ts';
import { type SealedBy, sealedRedText } from '../../../factory/model/sealing/sealer.ts';
import { plural, type Text, yellow } from './output.ts';

/** Acceptance tests that no agent sees: whose they are, and whether they were ever seen failing. */
export function sealedRows({ settings }: Pick<Project, 'settings'>): [string, Text][] {
  const { sealed, sealWith } = settings;
  if (sealed?.by !== undefined) return [['Sealed', byText(sealed.files, sealed.by)]];
  if (sealed !== undefined)
    return [['Sealed', `${plural(sealed.files, 'file')} that no agent sees, run by ${sealed.command}`]];
  if (sealWith === undefined) return [];
  return [
    ['Sealed', `to be written by ${sealWith.persona} before the work begins, run by ${sealWith.command}`],
  ];
}

function byText(files: number, by: SealedBy): Text {
  const who = by.providers.map(({ id, model }) => `${id}, ${model}`).join('; ');
  const text = `${plural(files, 'file')} by ${by.persona} (${who}); ${sealedRedText(by)}`;
  return by.checks.some(({ outcome }) => outcome === 'seen red') ? text : yellow(text);
}
