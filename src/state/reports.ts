/** Quality reports: documents that are written once. */
import { randomBytes } from 'node:crypto';
import { link, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type QualityReport, qualityReport } from '../factory/gates/report.ts';
import { DarkFactoryError } from '../lib/failure.ts';
import { newDocument } from './document.ts';
import { parseDocument } from './document-form.ts';
import {
  asEnvironmentError,
  errorCode,
  isMissing,
  readWhole,
  removeQuietly,
  syncFolder,
  writeNewFile,
} from './files.ts';
import type { Freezer } from './freeze.ts';
import { decryptLine, encryptLines, isEncrypted, type Privacy } from './privacy.ts';
import { DOCUMENT_LIMITS } from './yaml.ts';

export interface Reports {
  /** Writing the same id again changes nothing: the first report stands. */
  save(report: QualityReport): Promise<void>;
  /** In order of time. */
  list(): Promise<QualityReport[]>;
}

const REPORT = { schema: qualityReport, edited: 'factory', kind: 'report' } as const;

/** @param folder the project's `gates/` */
export function createReports(
  folder: string,
  { freeze, privacy }: { freeze: Freezer; privacy: Privacy },
  notFound: () => DarkFactoryError,
): Reports {
  const known = new Map<string, QualityReport>();

  async function load(name: string): Promise<QualityReport | null> {
    const before = known.get(name);
    if (before !== undefined) return before;
    const file = join(folder, name);
    const found = await readWhole(file, DOCUMENT_LIMITS.maxBytes);
    if (found === null) return null;
    const { value } = parseDocument({ ...REPORT, file }, found.data);
    const report = freeze(await withOutputs(value, (text) => inClear(privacy, file, text)));
    known.set(name, report);
    return report;
  }

  return {
    async save(report) {
      const [name, data] = await reportFile(report, privacy);
      const file = join(folder, name);
      const aside = `${file}.${randomBytes(8).toString('hex')}.tmp`;
      try {
        await writeNewFile(aside, data);
        // Exclusive and whole in one step: the second of two writers finds the first one's report.
        await link(aside, file);
        await syncFolder(folder);
      } catch (error) {
        if (isMissing(error)) throw notFound();
        if (errorCode(error) !== 'EEXIST') throw asEnvironmentError(error, file);
      } finally {
        await removeQuietly(aside);
      }
    },
    async list() {
      const names = await namesIn(folder, notFound);
      for (const name of known.keys()) if (!names.includes(name)) known.delete(name);
      const reports: QualityReport[] = [];
      for (const name of names) {
        const report = await load(name);
        if (report !== null) reports.push(report);
      }
      return reports.sort((a, b) => a.timestamp.getTime() - b.timestamp.getTime() || (a.id < b.id ? -1 : 1));
    },
  };
}

/**
 * A report as a file for a project's `gates/`: its name there and its bytes. What commands printed and what stands in
 * tests is encrypted where that is wanted.
 */
export async function reportFile(
  report: QualityReport,
  privacy: Privacy,
): Promise<[name: string, data: Buffer]> {
  const name = fileName(report.id);
  const kept = privacy.on
    ? await withOutputs(
        report,
        async (text) => (await encryptLines(privacy, name, [text], null)).texts[0] ?? '',
      )
    : report;
  return [name, newDocument(name, qualityReport, kept)];
}

async function withOutputs(
  report: QualityReport,
  change: (text: string) => Promise<string>,
): Promise<QualityReport> {
  const checks = report.checks.map(async (check) =>
    check.output === '' ? check : { ...check, output: await change(check.output) },
  );
  const changed = (report.changedTests ?? []).map(async (each) => ({
    ...each,
    before: each.before === '' ? '' : await change(each.before),
    after: each.after === '' ? '' : await change(each.after),
  }));
  const { oldTestsOutput } = report;
  return {
    ...report,
    checks: await Promise.all(checks),
    ...(report.changedTests === undefined ? {} : { changedTests: await Promise.all(changed) }),
    ...(oldTestsOutput === undefined ? {} : { oldTestsOutput: await change(oldTestsOutput) }),
  };
}

/** Whoever has no key (a board, that shows figures) can read all of a report but what commands printed. */
async function inClear(privacy: Privacy, file: string, text: string): Promise<string> {
  if (!isEncrypted(text)) return text;
  try {
    return (await decryptLine(privacy, file, { text, number: 1 }, null)).text;
  } catch (error) {
    if (!(error instanceof DarkFactoryError)) throw error;
    return `(${error.message})`;
  }
}

async function namesIn(folder: string, notFound: () => DarkFactoryError): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith('.yaml'));
  } catch (error) {
    if (isMissing(error)) throw notFound();
    throw asEnvironmentError(error, folder);
  }
}

/** Report ids may hold slashes and the like; as a file name they may not. */
function fileName(id: string): string {
  const name = `${encodeURIComponent(id).replace(/^\./, '%2E')}.yaml`;
  if (id !== '' && name.length <= 200) return name;
  throw new Error(`a report's id has 1 to about 200 characters: ${JSON.stringify(id).slice(0, 100)}`);
}
