/** Texts for a bash that reads one after the other from its input, each with its size before it. */

/** Digits of a size, which is in bytes. */
const DIGITS = 8;

export function framed(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from(String(bytes.length).padStart(DIGITS, '0')), bytes]);
}

/**
 * The loop of that bash. Sizes are counted by `read` in the locale C alone. After a size that is none nobody knows where the next text
 * begins, so it ends. `read` does not count a NUL character: no text may hold one.
 *
 * @param act commands that find the text in `$df_text`
 */
export const eachFrame = (act: string): string => `while read -r -N ${DIGITS} df_size; do
[[ $df_size == ${'[0-9]'.repeat(DIGITS)} ]] || { echo 'what was to be started arrived broken' >&2; exit 1; }
read -r -N "$df_size" df_text || exit 1; ${act}; done`;
