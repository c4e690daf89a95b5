interface FileDiff {
  old_path: string;
  new_path: string;
  /** Its hunks, without headers. */
  diff: string;
}

/** Where a line of the new side stands in a diff: GitLab wants the old line as well of one that was not changed. `null`: it is not shown. Pure. */
export function positionOf(
  diffs: readonly FileDiff[],
  path: string,
  line: number,
): { old_path: string; new_path: string; new_line: number; old_line?: number } | null {
  const file = diffs.find((each) => each.new_path === path);
  if (file === undefined) return null;
  let [old, now] = [0, 0];
  for (const row of file.diff.split('\n')) {
    const [, oldStart, newStart] = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(row) ?? [];
    if (oldStart !== undefined) [old, now] = [Number(oldStart) - 1, Number(newStart) - 1];
    const isOld = row.startsWith('-') || row.startsWith(' ');
    const isNew = row.startsWith('+') || row.startsWith(' ');
    if (isOld) old += 1;
    if (isNew) now += 1;
    if (isNew && now === line)
      return {
        ...{ old_path: file.old_path, new_path: path, new_line: line },
        ...(isOld ? { old_line: old } : {}),
      };
  }
  return null;
}
