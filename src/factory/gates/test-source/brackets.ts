/** From behind an opening bracket to its partner. */
export function bodyAt(code: string, start: number): string {
  const blank = code.slice(start, start + 50_000);
  let depth = 1;
  for (let at = 0; at < blank.length; at += 1) {
    const sign = blank[at] ?? '';
    if ('([{'.includes(sign)) depth += 1;
    else if (')]}'.includes(sign) && --depth === 0) return blank.slice(0, at);
  }
  return blank;
}

/** What stands in no curly brackets. */
export function outsideOfBlocks(code: string): string {
  let depth = 0;
  return code.replace(/[{}]|[^{}]+/g, (part) => {
    if (part === '{') depth += 1;
    else if (part === '}' && depth > 0) return --depth === 0 ? ' ' : '';
    return depth === 0 ? part : '';
  });
}
