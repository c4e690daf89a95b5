/** One half of a surrogate pair alone, as it stands where an output was cut; vendors refuse a body that holds one. */
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** An escape in JSON text that may stand for half a pair; seldom, so that what holds none needs no second look. */
const ESCAPED_SURROGATE = /\\ud[89a-f]/i;

/** A text that every vendor takes: lone surrogates become the replacement character. */
export const wellFormed = (text: string): string => text.replace(LONE_SURROGATE, '\ufffd');

/** Some gateways say that the arguments of a call are empty before they say them. */
export const withoutSeed = (json: string): string => json.replace(/^\s*\{\s*\}\s*(?=\{)/, '');

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
  return parseObject(raw) && !ESCAPED_SURROGATE.test(raw)
    ? wellFormed(raw)
    : JSON.stringify(argumentsObject(raw));
}

/** The same object, whatever stands between its parts; nothing said is an empty one. */
export const sameArguments = (one: string, other: string): boolean =>
  one === other || compact(one) === compact(other);

function compact(raw: string): string {
  const parsed = parseObject(raw);
  return parsed === undefined ? raw : JSON.stringify(parsed);
}

function parseObject(raw: string): Record<string, unknown> | undefined {
  if (isBlank(raw)) return {};
  try {
    const value: unknown = JSON.parse(wellFormed(raw));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return (ESCAPED_SURROGATE.test(raw) ? deeplyWellFormed(value) : value) as Record<string, unknown>;
    }
  } catch (problem) {
    if (!(problem instanceof SyntaxError)) throw problem;
  }
  return undefined;
}

function deeplyWellFormed(value: unknown): unknown {
  if (typeof value === 'string') return wellFormed(value);
  if (Array.isArray(value)) return value.map(deeplyWellFormed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [wellFormed(name), deeplyWellFormed(inner)]),
  );
}
