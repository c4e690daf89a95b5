import { ACCOUNT_EXAMPLES } from './account.ts';
import { ANTHROPIC_EXAMPLES } from './anthropic.ts';
import { COMPATIBLE_EXAMPLES } from './compatible.ts';
import { CONTENT_EXAMPLES } from './content.ts';
import type { Examples } from './example.ts';
import { OPENAI_EXAMPLES } from './openai.ts';
import { RESPONSES_EXAMPLES } from './responses.ts';
import { SERVICE_EXAMPLES } from './service.ts';
import { THINKING_EXAMPLES } from './thinking.ts';

/** An answer for each known wording. */
export const FAILURE_EXAMPLES: Examples = {
  ...ACCOUNT_EXAMPLES,
  ...ANTHROPIC_EXAMPLES,
  ...COMPATIBLE_EXAMPLES,
  ...CONTENT_EXAMPLES,
  ...OPENAI_EXAMPLES,
  ...RESPONSES_EXAMPLES,
  ...SERVICE_EXAMPLES,
  ...THINKING_EXAMPLES,
};
