import type { Usage } from '../../../src/factory/model/money/finance.ts';

/** Whose wire format a request came in. */
export type WireFormat = 'openai' | 'responses' | 'anthropic';

export interface RequestRecord {
  index: number;
  /** Milliseconds since the epoch. */
  at: number;
  format: WireFormat;
  key: string;
  model: string;
  stream: boolean;
  conversationKey: string;
  /** When the last of the answer was handed to the connection. */
  answeredAt?: number;
  /** What the request was answered with; 0 when no head was sent. */
  status: number;
  /** Name of the fault that was played. */
  fault?: string;
  /** Present when the request was billed. */
  billed?: LedgerEntry;
  /** The parsed request, for the newest `keepBodies`. */
  body?: unknown;
}

/** One billed request. Billed when the answer is decided, also when nobody is there any more to read it. */
export interface LedgerEntry {
  requestIndex: number;
  key: string;
  model: string;
  at: number;
  usage: Usage;
  usd: number;
  /** The whole answer was handed to the connection. */
  delivered: boolean;
}
