/** A text with addresses as they may be shown: without user and password. */
export function withoutPassword(text: string): string {
  return text.replace(/\b([a-z][a-z+]*:\/\/)[^/@\s]*@/gi, '$1');
}
