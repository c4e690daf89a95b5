/** A value as JSON, laid out as another text of JSON is. */
export function jsonLike(text: string, value: unknown): string {
  const indent = /^[ \t]+(?=")/m.exec(text)?.[0] ?? (text.includes('\n') ? 2 : 0);
  return JSON.stringify(value, null, indent) + (text.endsWith('\n') ? '\n' : '');
}
