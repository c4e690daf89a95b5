/** Quality reports: documents that are written once. */
import { randomBytes } from 'node:crypto';
import { link, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type QualityReport, qualityReport } from '../factory/gates/report.ts';
import type { DarkFactoryError } from '../lib/failure.ts';
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
import { DOCUMENT_LIMITS } from './yaml.ts';

export interface Reports {
  /** Writing the same id again changes nothing: the first report stands. */
  save(report: QualityReport): Promise<void>;
  /** In order of time. */
  list(): Promise<QualityReport[]>;
}

const REPORT = { schema: qualityReport, edited: 'factory', kind: 'report' } as const;

/** @param folder the project's `gates/` */
export function createReports(folder: string, freeze: Freezer, notFound: () => DarkFactoryError): Reports {
  const known = new Map<string, QualityReport>();

  async function load(name: string): Promise<QualityReport | null> {
    const before = known.get(name);
    if (before !== undefined) return before;
    const file = join(folder, name);
    const found = await readWhole(file, DOCUMENT_LIMITS.maxBytes);
    if (found === null) return null;
    const report = freeze(parseDocument({ ...REPORT, file }, found.data).value);
    known.set(name, report);
    return report;
  }

  return {
    async save(report) {
      const file = join(folder, fileName(report.id));
      const aside = `${file}.${randomBytes(8).toString('hex')}.tmp`;
      try {
        await writeNewFile(aside, newDocument(file, qualityReport, report));
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

/** A report as a file for a new project's `gates/`: its name there and its bytes. */
export function reportFile(report: QualityReport): [name: string, data: Buffer] {
  const name = fileName(report.id);
  return [name, newDocument(name, qualityReport, report)];
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
