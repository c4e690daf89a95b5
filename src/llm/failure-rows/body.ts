import { isRecord, parseJson } from '../../lib/record.ts';
/** What a vendor's error says, whatever its shape. */
export interface ErrorBody {
  /** The vendor's words; the whole body where no message was found in it. */
  message: string;
  /** The same up to where it repeats what it was sent: words of a conversation must not tell of keys and money. */
  own: string;
  /** The same without what a host behind it said, whose keys are not this provider's. */
  ofKey: string;
  /** Every machine-readable name in the body: `code`, `type`, `status`. */
  codes: string[];
  /** The body was JSON and held an error. */
  understood: boolean;
}

/** Where a server begins to repeat what it was sent. */
const ECHO =
  /['"`]?\b(?:input|input_value|content|raw|received|arguments|prompt|last read|invalid value|parse input at pos \d+)\b['"`]?\s*[:=]/i;

const untilEcho = (message: string): string => message.slice(0, ECHO.exec(message)?.index);

type Json = Record<string, unknown>;

/**
 * Reads an error body. The shapes in use: `{error: {message, type, code}}` (OpenAI), `{type, error: {type, message}}`
 * (Anthropic), `{error: {code, message, metadata}}` (OpenRouter), `[{error: …}]` (Google), `{error: "…"}` (Ollama),
 * `{message, code}` (vLLM, Mistral), `{detail: …}` (FastAPI), `{Message, __type}` (Amazon), `{errors: […]}` (Cloudflare), `{base_resp: {status_code, status_msg}}` (MiniMax),
 * plain text.
 */
export function readErrorBody(body: string): ErrorBody {
  const parsed = parseJson(body);
  const outer = Array.isArray(parsed) ? parsed.find(isRecord) : parsed;
  if (!isRecord(outer)) {
    const text = body.trim();
    return { message: text, own: untilEcho(text), ofKey: untilEcho(text), codes: [], understood: false };
  }
  const inner = isRecord(outer.error) ? outer.error : outer;
  const base = isRecord(outer.base_resp) ? outer.base_resp : {};
  const message = firstText(
    ...[outer.error, inner.message, outer.message, outer.detail, inner.detail],
    ...[inner.msg, outer.msg, outer.Message, outer.errors, base.status_msg],
  );
  const metadata = isRecord(inner.metadata) ? inner.metadata : {};
  const details = isRecord(inner.details) ? inner.details : {};
  const cause = isRecord(inner.innererror) ? inner.innererror : {};
  const listed = Array.isArray(inner.details) ? inner.details.filter(isRecord).flatMap(codesOfDetail) : [];
  const codes = [
    ...[inner.code, inner.type, inner.status, outer.code, outer.type, outer.__type],
    ...[details.error_code, cause.code, metadata.error_type, metadata.limit_source, ...listed],
    ...(base.status_code === undefined ? [] : [`base_resp.${base.status_code}`]),
  ]
    .filter((code) => typeof code === 'string' || typeof code === 'number')
    .map(String);
  const raw = firstText(metadata.raw) ?? '';
  // The upstream's own words, which OpenRouter hands on beside its own.
  const words = message === undefined ? body.trim() : [message, raw].filter(Boolean).join(' | ');
  return {
    message: words,
    own: untilEcho(words),
    ofKey: untilEcho(message !== undefined && metadata.provider_name ? message : words),
    codes: [...new Set(codes)],
    understood: message !== undefined,
  };
}

/** Google tells the reason, and which quota it is, in a list of details. */
function codesOfDetail({ reason, violations }: Json): unknown[] {
  const quotas = Array.isArray(violations) ? violations.filter(isRecord).map(({ quotaId }) => quotaId) : [];
  return [reason, ...quotas];
}

function firstText(...values: unknown[]): string | undefined {
  for (const value of values) {
    if (typeof value === 'string' && value.trim() !== '') return value;
    if (Array.isArray(value) && value.length > 0) return JSON.stringify(value);
  }
  return undefined;
}
