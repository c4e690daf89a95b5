/** One half of a surrogate pair alone, as it stands where an output was cut; vendors refuse a body that holds one. */
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** A text that every vendor takes: lone surrogates become the replacement character. */
export const wellFormed = (text: string): string => text.replace(LONE_SURROGATE, '\ufffd');

export const isBlank = (text: string): boolean => text.trim() === '';

/** A tool name that every vendor takes; models sometimes ask for tools that are no names at all. */
export function safeToolName(name: string): string {
  return name.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, 64) || 'unknown_tool';
}

/**
 * The arguments of a call as an object. What is no JSON object is wrapped, so that the history stays acceptable and the
 * model still sees what it wrote.
 */
export function argumentsObject(raw: string): Record<string, unknown> {
  const parsed = parseObject(raw);
  return parsed ?? { malformed_arguments: wellFormed(raw) };
}

/** The arguments of a call as JSON text of an object; well-formed ones word for word. */
export function argumentsJson(raw: string): string {
  if (isBlank(raw)) return '{}';
  return parseObject(raw) ? wellFormed(raw) : JSON.stringify(argumentsObject(raw));
}

function parseObject(raw: string): Record<string, unknown> | undefined {
  if (isBlank(raw)) return {};
  try {
    const value: unknown = JSON.parse(wellFormed(raw));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch (problem) {
    if (!(problem instanceof SyntaxError)) throw problem;
  }
  return undefined;
}
