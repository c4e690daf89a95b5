/** Longest end of an answer: the mark, a colon, an exit code, a line end. */
const MOST_DIGITS = 3;

/**
 * Passes on what stands before a mark at the end of a stream that goes on.
 *
 * @param mark text that nobody else knows, so it cannot stand in what is passed on
 * @param marked is told the number behind the mark, once
 */
export function endMark(mark: string, pass: (chunk: Buffer) => void, marked: (code: number) => void) {
  const sign = Buffer.from(`${mark}:`);
  const longest = sign.length + MOST_DIGITS + 1;
  let held: Buffer = Buffer.alloc(0);
  const passSome = (bytes: Buffer) => {
    if (bytes.length > 0) pass(bytes);
  };
  return {
    take(chunk: Buffer): void {
      const all = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const at = all.lastIndexOf(sign);
      if (at !== -1 && all.at(-1) === 0x0a) {
        held = Buffer.alloc(0);
        passSome(all.subarray(0, at));
        marked(Number(all.subarray(at + sign.length).toString('latin1')));
        return;
      }
      const kept = Math.min(all.length, longest);
      passSome(all.subarray(0, all.length - kept));
      held = all.subarray(all.length - kept);
    },
    /** The stream has ended without the mark. */
    flush: () => passSome(held),
  };
}
