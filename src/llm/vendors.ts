import type { Vendor } from '../factory/model/money/vendors.ts';
import { ANTHROPIC_FAMILIES } from './facts/anthropic.ts';
import { COMPATIBLE_FAMILIES } from './facts/compatible.ts';
import type { Family } from './facts/family.ts';
import { OPENAI_FAMILIES } from './facts/openai.ts';
import { ANTHROPIC_ROWS } from './failure-rows/anthropic.ts';
import { COMPATIBLE_ROWS } from './failure-rows/compatible.ts';
import { OPENAI_ROWS } from './failure-rows/openai.ts';
import type { FailureRow } from './failure-rows/row.ts';
import { SERVICE_ROWS } from './failure-rows/service.ts';

interface VendorTables {
  /** What is known of its models. */
  families: readonly Family[];
  /** What its refusals mean. */
  rows: readonly FailureRow[];
}

/** By kind of provider, whose record stands in `factory/model/vendors.ts`. Rows of the first are looked at first. */
export const VENDOR_TABLES: Readonly<Record<Vendor, VendorTables>> = {
  openai: { families: OPENAI_FAMILIES, rows: OPENAI_ROWS },
  anthropic: { families: ANTHROPIC_FAMILIES, rows: ANTHROPIC_ROWS },
  // Anybody's: the exact wordings of services before those of servers.
  custom: { families: COMPATIBLE_FAMILIES, rows: [...SERVICE_ROWS, ...COMPATIBLE_ROWS] },
};
