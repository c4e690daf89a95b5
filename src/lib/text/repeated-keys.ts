/** A string, or a mark that opens, closes or parts something. What lies between is of no interest here. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/g;

/**
 * Whether an object in a JSON text names one of its keys twice. `JSON.parse` takes the last and says nothing, so that two
 * readers of the text may see two things.
 *
 * @param text must be JSON: what `JSON.parse` takes
 */
export function hasRepeatedKey(text: string): boolean {
  const open: (Set<string> | null)[] = [];
  let last = '';
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(null);
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') {
      const keys = open.at(-1);
      // "complete" may be written with escapes as well.
      const key = String(JSON.parse(last));
      if (keys?.has(key)) return true;
      keys?.add(key);
    }
    last = token;
  }
  return false;
}
