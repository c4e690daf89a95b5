/** Control characters that a terminal could obey. */
export function controls(text: string): string[] {
  return [...text].filter((letter) => {
    const code = letter.charCodeAt(0);
    return (code < 0x20 && letter !== '\n') || (code >= 0x7f && code < 0xa0);
  });
}
