/** What tools keep of earlier runs, and take for the outcome of a later one or run in place of the sources. */
const FOLDERS =
  /(^|\/)(\.turbo|\.nx\/(cache|workspace-data)|\.wireit|\.parcel-cache|\.angular\/cache|\.gradle|\.mypy_cache|\.ruff_cache|\.pytest_cache|__pycache__)\//;
const FILES = /(^|\/)(\.eslintcache|\.stylelintcache|[^/]+\.tsbuildinfo|[^/]+\.py[co])$/;
/** Packages as archives, with a sum of those alone that were there. */
const ARCHIVES = /(^|\/)\.yarn\/(cache|unplugged)\//;

/**
 * Whether a changed path is no part of the work but left over from a run, so that only the base commit's counts.
 *
 * @param isOfBase whether the base commit holds it
 */
export function isKeptResult(path: string, isOfBase: boolean): boolean {
  return FOLDERS.test(path) || FILES.test(path) || (isOfBase && ARCHIVES.test(path));
}
