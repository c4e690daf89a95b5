/** Quality reports: documents that are written once. */

import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type QualityReport,
  qualityReport,
  type SeenRed,
  type TestFigures,
} from '../../factory/model/gates/gate-report.ts';
import type { StateStore } from '../../factory/ports.ts';
import { isMissing } from '../../lib/errno.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { addFile, asEnvironmentError, readWhole } from '../files/files.ts';
import { decryptLine, encryptLines, isEncrypted, type Privacy } from '../secrets/privacy.ts';
import { parseDocument } from './document-form.ts';
import type { Freezer } from './freeze.ts';
import { newDocument } from './new-document.ts';
import { DOCUMENT_LIMITS } from './yaml.ts';

const REPORT = { schema: qualityReport, edited: 'factory', kind: 'report' } as const;

/** @param folder the project's `gates/` */
export function createReports(
  folder: string,
  { freeze, privacy }: { freeze: Freezer; privacy: Privacy },
  notFound: () => DarkFactoryError,
): ReturnType<StateStore['gates']> {
  const known = new Map<string, QualityReport>();

  async function load(name: string): Promise<QualityReport | null> {
    const before = known.get(name);
    if (before !== undefined) return before;
    const file = join(folder, name);
    const found = await readWhole(file, DOCUMENT_LIMITS.maxBytes);
    if (found === null) return null;
    const { value } = parseDocument({ ...REPORT, file }, found.data);
    const report = freeze(await withWords(value, (text) => inClear(privacy, file, text)));
    known.set(name, report);
    return report;
  }

  return {
    /** Writing the same id again changes nothing: the first report stands. */
    async save(report) {
      const [name, data] = await reportFile(report, privacy);
      const file = join(folder, name);
      // Exclusive and whole in one step: the second of two writers finds the first one's report.
      await addFile(file, data, `${file}.${randomBytes(8).toString('hex')}.tmp`).catch((error: unknown) => {
        throw isMissing(error) ? notFound() : error;
      });
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
 * A report as a file for a project's `gates/`: its name there and its bytes. What commands printed, what stands in tests and
 * what these are called is encrypted where that is wanted.
 */
export async function reportFile(
  report: QualityReport,
  privacy: Privacy,
): Promise<[name: string, data: Buffer]> {
  const name = fileName(report.id);
  const kept = privacy.on
    ? await withWords(
        report,
        async (text) => (await encryptLines(privacy, name, [text], null)).texts[0] ?? '',
      )
    : report;
  return [name, newDocument(name, qualityReport, kept)];
}

type Change = (text: string) => Promise<string>;

/** Changes all that may hold words of agents and of what they wrote. */
async function withWords(report: QualityReport, change: Change): Promise<QualityReport> {
  const one: Change = async (text) => (text === '' ? '' : change(text));
  const all = (texts: readonly string[]) => Promise.all(texts.map(one));
  const { changedTests, oldTestsOutput, seenRed, control } = report;
  return {
    ...report,
    checks: await Promise.all(
      report.checks.map(async (check) => ({
        ...check,
        output: await one(check.output),
        ...(check.tests === undefined ? {} : { tests: await withNames(check.tests, all) }),
        ...(check.flaky === undefined ? {} : { flaky: await all(check.flaky) }),
      })),
    ),
    objections: await all(report.objections),
    weakenings: await Promise.all(
      report.weakenings.map(async (each) => ({ ...each, tests: await all(each.tests) })),
    ),
    ...(seenRed === undefined ? {} : { seenRed: await withTitles(seenRed, one) }),
    ...(changedTests === undefined
      ? {}
      : {
          changedTests: await Promise.all(
            changedTests.map(async (each) => ({
              ...each,
              tests: await all(each.tests),
              before: await one(each.before),
              after: await one(each.after),
            })),
          ),
        }),
    ...(oldTestsOutput === undefined ? {} : { oldTestsOutput: await one(oldTestsOutput) }),
    ...(control === undefined ? {} : { control: { ...control, objections: await all(control.objections) } }),
  };
}

async function withNames(
  figures: TestFigures,
  all: (texts: readonly string[]) => Promise<string[]>,
): Promise<TestFigures> {
  const { failures, newFailures, knownFailures } = figures;
  return {
    ...figures,
    failures: await all(failures),
    newFailures: await all(newFailures),
    knownFailures: await all(knownFailures),
  };
}

async function withTitles(seenRed: SeenRed, one: Change): Promise<SeenRed> {
  const titled = <T extends { name: string }>(tests: readonly T[]) =>
    Promise.all(tests.map(async (test) => ({ ...test, name: await one(test.name) })));
  const files = seenRed.files.map(async (file) => ({ ...file, tests: await titled(file.tests) }));
  const { run } = seenRed;
  return {
    ...seenRed,
    files: await Promise.all(files),
    ...(run === undefined ? {} : { run: { ...run, failed: await Promise.all(run.failed.map(one)) } }),
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
