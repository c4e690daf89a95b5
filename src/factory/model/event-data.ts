import type { Waiting } from './waiting.ts';

/** What events carry besides their words. */

export interface Kind<Data> {
  /** It says only what the factory itself says; of all others somebody else's words may be a part. */
  ownWords: boolean;
  /** Never there at run time: what such an event carries. */
  data?: Data;
}
/** Nothing that has to be there. */
export interface Plain {
  by?: string;
  for?: Waiting['for'];
  status?: string;
}
/** An act of the owner. */
export interface ByOwner {
  by: 'owner';
}
export const own = <Data = Plain>(): Kind<Data> => ({ ownWords: true });
export const told = <Data = Plain>(): Kind<Data> => ({ ownWords: false });

export interface Done {
  durationMs: number;
}
export interface For {
  for: Waiting['for'];
}
/** A claim of an agent, and what the factory found. */
export interface Claim {
  title: string;
  outcome: string;
}
export interface Cleaned {
  worktrees: number;
  files: number;
  bytes: number;
  scratch: number;
  packageSets: number;
}
export interface OfDecision {
  decisionId: string;
  choice?: unknown;
}
export interface Gate extends Done {
  report: string;
  kind: string;
  checks: readonly object[];
  changedDefinitions: readonly object[] | readonly string[];
  objections: readonly string[];
}
export interface Audit extends Done {
  kind: string;
  round: number;
  commit: string;
}
export interface OfIssue {
  issue: number;
}
export interface OfForge {
  forge: string;
}
export interface OfProvider {
  provider: string;
}
export type Changed = ByOwner & OfProvider;
