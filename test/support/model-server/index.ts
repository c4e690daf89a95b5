export type { Fault, FaultRule } from './faults.ts';
export * from './helpers.ts';
export type { LedgerEntry, RequestRecord } from './record.ts';
export type {
  Answer,
  Script,
  ScriptedModel,
  ScriptedModelOptions,
  ScriptMessage,
  ToolOutcome,
  Turn,
} from './script.ts';
export { startScriptedModel } from './server.ts';
