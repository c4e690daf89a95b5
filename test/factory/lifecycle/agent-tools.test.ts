import { describe, expect, test } from 'vitest';
import { AGENT_TOOLS } from '../../../src/factory/lifecycle/steps/agent-tools.ts';
import { agentTool, hasTool } from '../../../src/factory/model/personas/agent-tool.ts';
import { systemPrompt } from '../../../src/factory/tasks/prompt.ts';

describe('the tools of a persona', () => {
  test('are named as they are', () => {
    expect(AGENT_TOOLS.map(({ name }) => name)).toEqual(agentTool.options);
  });

  test('are those that it is kept to, and always those with which work ends', () => {
    const of = (kept?: ('read_file' | 'bash')[]) => agentTool.options.filter((name) => hasTool(kept, name));
    expect(of(['read_file', 'bash'])).toEqual(['bash', 'read_file', 'update_task', 'finish']);
    expect(of()).toEqual(agentTool.options);
  });

  test('are told to it where there are fewer: its instructions name others', () => {
    const input = { persona: { name: 'x', body: 'You read.' }, network: false, commandTimeoutMs: 1_000 };
    expect(systemPrompt({ ...input, tools: ['read_file', 'finish'] })).toContain(
      'these tools and no other: read_file, finish',
    );
    expect(systemPrompt(input)).not.toContain('no other');
  });
});
