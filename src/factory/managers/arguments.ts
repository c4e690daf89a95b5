import * as z from 'zod';
import { milliseconds } from '../../lib/schema.ts';
import type { FinanceApi } from '../finance/api.ts';
import type { OrchestrationEngine } from '../lifecycle/engine.ts';
import type { AgentRuntime } from './agent-runtime.ts';
import type { ArgumentsOf } from './door.ts';
import type { GitApi } from './git-api.ts';
import type { ProjectManager } from './project-manager.ts';

/** What the methods of the library take. Objects with rules of their own are judged by their methods. */

const text = z.string();
/** Its method says which. */
const number = z.custom<number>((value) => typeof value === 'number', 'Invalid input: expected number');
const flag = z.boolean().optional();
const object = z.looseObject({});
const callback = z.custom<() => void>(
  (value) => typeof value === 'function',
  'Invalid input: expected a function',
);

export const ENGINE: ArgumentsOf<OrchestrationEngine> = {
  createProject: { input: object, tell: callback.optional() },
  startProject: { projectId: text },
  retryProject: {
    projectId: text,
    order: z
      .strictObject({
        message: text.optional(),
        rounds: z.number().int().positive().optional(),
        model: z.string().min(1).optional(),
        budget: number.optional(),
        maxRuntime: milliseconds.optional(),
        news: z.literal(true).optional(),
        also: callback.optional(),
      })
      .optional(),
  },
  pauseProject: { projectId: text },
  resumeProject: { projectId: text, change: z.strictObject({ budget: number.optional() }).optional() },
  terminateProject: { projectId: text, reason: text },
  createBranches: { projectId: text, decision: object },
  mergeBranch: { childId: text, parentId: text.optional() },
  dropBranches: { projectId: text },
  applyBranch: { projectId: text, order: z.strictObject({ squash: flag, unproved: flag }).optional() },
  getProjectStatus: { projectId: text },
  getProjectMetrics: { projectId: text },
};

export const FINANCE: ArgumentsOf<FinanceApi> = {
  addProvider: { config: object },
  removeProvider: { providerId: text },
  updateProvider: { providerId: text, updates: object },
  checkCredits: { providerId: text },
  probeProvider: { providerId: text },
  selectProvider: { requiredTokens: z.number().nonnegative() },
  switchProvider: { reason: text, projectId: text },
  enterPollingMode: { projectId: text },
  exitPollingMode: { projectId: text },
  recordCost: { entry: object, projectId: text },
  getCostSummary: { projectId: text },
  getFinanceState: { projectId: text },
};

const count = z.number().int().nonnegative();

export const PROJECTS: ArgumentsOf<ProjectManager> = {
  getTaskList: { projectId: text },
  updateTask: { projectId: text, taskId: text, updates: object },
  addTask: { projectId: text, task: object },
  requestAudit: { projectId: text },
  auditTaskList: { projectId: text },
  scheduleAudit: { projectId: text, intervalMs: number },
  sendMessage: { projectId: text, words: text, by: text.optional() },
  getMessages: { projectId: text },
  getQuestions: { projectId: text.optional() },
  answerQuestion: { questionId: text, words: text, by: text.optional() },
  generateProgressReport: { projectId: text },
  generateNightReport: { since: z.date(), workers: count.nullable().optional() },
  getTranscript: {
    projectId: text,
    window: z
      .strictObject({
        step: count.optional(),
        persona: text.optional(),
        last: count.optional(),
        skip: count.optional(),
        from: z.record(text, count).optional(),
      })
      .optional(),
  },
  getDiff: { projectId: text },
  getPatch: { projectId: text },
};

export const GIT: ArgumentsOf<GitApi> = {
  createWorktree: { basePath: text, branchName: text },
  deleteWorktree: { worktreePath: text },
  createBranch: { worktreePath: text, branchName: text },
  commitChanges: { worktreePath: text, message: text },
  preventPush: { worktreePath: text },
  validateWorktree: { worktreePath: text },
  getBranchLineage: { branchName: text },
  generateBranchName: { parent: text, context: text },
};

export const AGENTS: ArgumentsOf<AgentRuntime> = {
  loadPersona: { templatePath: text },
  instantiateAgent: { project: z.looseObject({ id: text }), persona: object },
  executeAgent: { agentId: text, signal: z.instanceof(AbortSignal).optional() },
  sendMessage: { agentId: text, message: text },
  saveAgentState: { agentId: text, state: object.optional() },
  loadAgentState: { agentId: text },
  requestGate: { projectId: text, persona: text.optional() },
  validateQualityGates: { agentId: text },
};

export const OPTIONS = {
  options: z
    .strictObject({
      home: text.optional(),
      env: z.looseObject({}).optional(),
      onNote: callback.optional(),
    })
    .optional(),
};
