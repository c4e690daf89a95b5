/** What stands behind a mark: an exit code and a line end. */
const CODE = /^(\d{1,3})\n/;
const LONGEST_CODE = 4;

/**
 * Passes on what stands before a mark in a stream that goes on.
 *
 * @param mark text that nobody else knows, so it cannot stand in what is passed on
 * @param marked is told the number behind the mark, once
 * @param stray is told of what comes behind that: it is of somebody who should have let go of the stream
 */
export function endMark(
  mark: string,
  { pass, marked, stray }: { pass(chunk: Buffer): void; marked(code: number): void; stray(): void },
) {
  const sign = Buffer.from(`${mark}:`);
  let held: Buffer = Buffer.alloc(0);
  let isOver = false;
  const passTo = (bytes: Buffer, end: number) => {
    if (end > 0) pass(bytes.subarray(0, end));
    held = bytes.subarray(end);
  };
  return {
    take(chunk: Buffer): void {
      if (isOver) {
        if (chunk.length > 0) stray();
        return;
      }
      const all = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const at = all.indexOf(sign);
      // A part of the mark may stand at the end.
      passTo(all, at === -1 ? Math.max(0, all.length - sign.length + 1) : at);
      if (at === -1) return;
      const behind = held.subarray(sign.length);
      const [whole, code] = CODE.exec(behind.subarray(0, LONGEST_CODE).toString('latin1')) ?? [];
      if (whole === undefined) return;
      isOver = true;
      if (behind.length > whole.length) stray();
      marked(Number(code));
    },
    /** The stream has ended without the mark. */
    flush() {
      if (!isOver) passTo(held, held.length);
    },
  };
}
