import * as z from 'zod';
import type { ForgeCheck } from '../../factory/ports.ts';
import { text } from '../fields.ts';

const PASSED = new Set(['success', 'skipped', 'manual']);
const FAILED = new Set(['failed', 'canceled']);
const WITHHELD = new Set(['canceled']);

function stateOf({
  status: said,
  allow_failure: mayFail = false,
}: {
  status: string;
  allow_failure?: boolean;
}): ForgeCheck['state'] {
  if (PASSED.has(said) || (mayFail && FAILED.has(said))) return 'passed';
  if (WITHHELD.has(said)) return 'withheld';
  return FAILED.has(said) ? 'failed' : 'pending';
}

export const pipelineReply = z
  .object({
    id: z.number().int(),
    status: z.string(),
    sha: text,
    ref: text,
    source: text,
    web_url: text,
    /** Told of a single one alone. */
    yaml_errors: text,
  })
  .transform((each) => ({ ...each, state: stateOf(each) }));
export type Pipeline = z.output<typeof pipelineReply>;

export const headPipelineReply = z.object({ head_pipeline: pipelineReply.nullish() });

export const parentsReply = z.object({ parent_ids: z.array(z.string()) });

const status = {
  id: z.number().int(),
  name: z.string(),
  status: z.string(),
  allow_failure: z.boolean().default(false),
};

/** A job that starts another pipeline. */
export const bridgeReply = z.object({
  ...status,
  downstream_pipeline: z
    .object({ id: z.number().int(), project_id: z.number().int(), status: z.string(), web_url: text })
    .nullish(),
});

export const jobReply = z.object({ ...status, web_url: text, failure_reason: text }).transform(
  (job): ForgeCheck => ({
    id: `job/${job.id}`,
    name: job.name,
    state: stateOf(job),
    ...(job.web_url === '' ? {} : { url: job.web_url }),
    ...(job.failure_reason === '' ? {} : { summary: job.failure_reason.replaceAll('_', ' ') }),
    log: `${job.id}`,
  }),
);

/** Jobs have one as well. */
export const commitStatusReply = z
  .object({ ...status, target_url: text, description: text, pipeline_id: z.number().int().nullish() })
  .transform((each): ForgeCheck & { jobId: number; pipelineId: number | undefined } => ({
    id: `status/${each.name}`,
    name: each.name,
    state: stateOf(each),
    ...(each.target_url === '' ? {} : { url: each.target_url }),
    ...(each.description === '' ? {} : { summary: each.description }),
    jobId: each.id,
    pipelineId: each.pipeline_id ?? undefined,
  }));
