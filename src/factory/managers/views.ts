import type { GitManager, StateStore } from '../ports.ts';
import { loadReport, type ReportDeps } from '../report/load-report.ts';
import { type NightReport, nightReport } from '../report/night/night.ts';
import type { Report } from '../report/report-types.ts';
import { type WorkDiff, workDiff, workPatch } from '../report/work-diff.ts';
import { readTranscript, type Transcript, type TranscriptWindow } from '../transcript/transcript.ts';

/** What there is to see of projects, made from the factory's own records. */
export interface Views {
  /** The report as of now, built from events, ledgers, gates and the repository; what `df export` prints. */
  generateProgressReport(projectId: string): Promise<Report>;
  /**
   * What all projects came to since a moment; what `df report` prints.
   *
   * @param workers processes that live, where that is known: without any, what is open needs its owner
   */
  generateNightReport(since: Date, workers?: number | null): Promise<NightReport>;
  /** What its agents said and did, step by step, as of now; what `df show` prints. */
  getTranscript(projectId: string, window?: TranscriptWindow): Promise<Transcript>;
  /**
   * All that is committed on its branch, as of now.
   *
   * @throws DarkFactoryError `failed`/`branch_missing`; `usage`/`not_a_repository`
   */
  getDiff(projectId: string): Promise<WorkDiff>;
  /** The same as a patch; `cut` when it has more than 32 MiB. Throws as `getDiff`. */
  getPatch(projectId: string): Promise<{ patch: string; cut: boolean }>;
}

export interface ViewDeps extends ReportDeps {
  state: ReportDeps['state'] & StateStore;
  git: GitManager;
}

export function createViews(deps: ViewDeps): Views {
  const { state, now } = deps;
  return {
    generateProgressReport: (projectId) => loadReport(deps, projectId),
    generateNightReport: (since, workers = null) => nightReport(deps, { since, until: now(), workers }),
    getTranscript: (projectId, window) => readTranscript(deps, projectId, window),
    getDiff: async (projectId) => workDiff(deps.git, await state.project(projectId).get()),
    getPatch: async (projectId) => workPatch(deps.git, await state.project(projectId).get()),
  };
}
