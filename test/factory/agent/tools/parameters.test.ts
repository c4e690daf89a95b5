import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { parametersOf } from '../../../../src/factory/agent/tools/parameters.ts';
import { judgeTools } from '../../../../src/factory/audits/tools.ts';
import { AGENT_TOOLS } from '../../../../src/factory/lifecycle/steps/agent-tools.ts';
import { sealingTools } from '../../../../src/factory/sealing/tools.ts';
import { sampleTask } from '../../../support/samples.ts';

const never = () => {
  throw new Error('No tool is run here.');
};
const deps: Parameters<typeof judgeTools>[0] = {
  sandbox: { run: never, readFile: never, writeFile: never } as never,
  place: {} as never,
  commandTimeoutMs: 1,
  newOutput: never,
};
const criteria = [{ name: 'tests', command: 'npm test', expectedExitCode: 0 }];
const SPECS = [
  ...AGENT_TOOLS.map(({ spec }) => spec),
  ...judgeTools(deps, sampleTask({ criteria } as never)).specs,
  ...sealingTools({
    draft: { files: never, write: never },
    base: [],
    command: 'npm test',
    tryOut: never,
  }).map(({ spec }) => spec),
];
const KEYWORDS = new Set([
  'type',
  'description',
  'properties',
  'required',
  'items',
  'enum',
  'minimum',
  'maximum',
]);

function walk(schema: unknown, place: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [`${place} is no schema`];
  const { type, properties, items, ...rest } = schema as Record<string, unknown>;
  const strange = Object.keys(rest).filter((key) => !KEYWORDS.has(key));
  return [
    ...strange.map((key) => `${place} has ${key}`),
    ...(typeof type === 'string' ? [] : [`${place} has no single type`]),
    ...(type === 'object' && Object.keys(properties ?? {}).length === 0 ? [`${place} is empty`] : []),
    ...Object.entries(properties ?? {}).flatMap(([name, inner]) => walk(inner, `${place}.${name}`)),
    ...(type === 'array' ? walk(items, `${place}[]`) : []),
  ];
}

describe('the parameters of tools', () => {
  test.each(SPECS.map((spec) => [spec.name, spec.parameters] as const))(
    'of %s use what every vendor takes, and nothing else',
    (name, parameters) => {
      expect(walk(parameters, name)).toEqual([]);
    },
  );

  test('keep a bound that excludes itself as one that does not', () => {
    const schema = z.object({
      a: z.number().int().positive(),
      b: z.number().int().lt(10),
      c: z.number().gt(0),
    });
    expect(parametersOf(schema).properties).toEqual({
      a: { type: 'integer', minimum: 1 },
      b: { type: 'integer', maximum: 9 },
      c: { type: 'number', minimum: 0 },
    });
  });

  test.each([
    ['a union', z.object({ x: z.union([z.string(), z.number()]) })],
    ['a value that may be null', z.object({ x: z.string().nullable() })],
    ['a map', z.object({ x: z.record(z.string(), z.string()) })],
    ['nothing', z.object({})],
    ['anything', z.object({ x: z.unknown() })],
  ])('of %s are refused when the tool is defined', (_what, schema) => {
    expect(() => parametersOf(schema)).toThrow('not every vendor takes');
  });
});
