export type { Fault, FaultRule } from './faults.ts';
export * from './helpers.ts';
export type {
  Answer,
  LedgerEntry,
  RequestRecord,
  Script,
  ScriptedModel,
  ScriptedModelOptions,
  ScriptMessage,
  ToolOutcome,
  Turn,
} from './script.ts';
export { startScriptedModel } from './server.ts';
