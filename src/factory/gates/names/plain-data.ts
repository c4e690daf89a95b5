export const DATA =
  /\.(?:json5?|jsonl|ndjson|ya?ml|csv|tsv|txt|xml|html?|svg|css|out|expected|golden|ref|dat|data|sql|ini|bin)$/;
export const MODULE = /\.(?:[cm]?[jt]s|py)$/;

/** Whether a file only holds values. */
export function isPlainData(path: string, text: string): boolean {
  if (!MODULE.test(path)) return DATA.test(path);
  if (!/\bexport\b|\bexports\b|^\w+\s*[:=]/m.test(text)) return false;
  return !/\bfunction\b|=>|\bclass\b|\bdef\b|\blambda\b|\brequire\(|^\s*(?:import|from)\b|\bfrom\s*["']/m.test(
    text,
  );
}
