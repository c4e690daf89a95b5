import { asRecord, parseObject } from '../../../lib/record.ts';
import type { Project } from '../../model/project.ts';
import type { ScratchContent } from '../../ports/workspace.ts';
import type { GitManager } from '../../ports.ts';
import { isInstalled } from '../ecosystems/installed.ts';

const SECTIONS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];

/**
 * Each changed package.json of a commit with the packages for development that it no longer names: what a test used to import stands
 * there, and linters of imports look there, when it runs as it was.
 */
export async function withOldPackages(
  git: Pick<GitManager, 'showFile' | 'changedFiles'>,
  { repository, baseCommit }: Pick<Project, 'repository' | 'baseCommit'>,
  content: ScratchContent,
): Promise<ScratchContent> {
  const { commit } = content;
  const texts: Record<string, string> = {};
  for (const path of await git.changedFiles(repository, baseCommit, commit)) {
    if (!/(^|\/)package\.json$/.test(path) || isInstalled(path)) continue;
    const now = content.texts?.[path] ?? (await git.showFile(repository, commit, path));
    const text = withDropped(await git.showFile(repository, baseCommit, path), now);
    if (text !== null) texts[path] = text;
  }
  return { ...content, texts: { ...content.texts, ...texts } };
}

function withDropped(base: string | null, head: string | null): string | null {
  const [old, now] = [parseObject(base), parseObject(head)];
  if (base === null || head === null || old === null || now === null) return null;
  const named = new Set(SECTIONS.flatMap((key) => Object.keys(asRecord(now[key]))));
  const dropped = Object.entries(asRecord(old['devDependencies'])).filter(([name]) => !named.has(name));
  if (dropped.length === 0) return null;
  const devDependencies = { ...asRecord(now['devDependencies']), ...Object.fromEntries(dropped) };
  const sorted = Object.fromEntries(Object.entries(devDependencies).sort(([a], [b]) => (a < b ? -1 : 1)));
  const indent = /^[ \t]+(?=")/m.exec(head)?.[0] ?? 2;
  return `${JSON.stringify({ ...now, devDependencies: sorted }, null, indent)}\n`;
}
