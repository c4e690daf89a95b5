import * as z from 'zod';
import { isRecord } from '../../../lib/record.ts';

type Json = Record<string, unknown>;

/**
 * Keywords of JSON schema that every vendor takes in a tool's parameters. Google refuses a whole request for one that it does
 * not know (`additionalProperties`, `exclusiveMinimum`, `$schema`, `const`, `default` ...), others for lengths. Whatever is
 * left out is checked all the same when the call is made.
 */
const COMMON = [
  'type',
  'description',
  'properties',
  'required',
  'items',
  'enum',
  'minimum',
  'maximum',
] as const;

/**
 * The parameters of a tool as they go to a vendor. Throws for a schema that cannot be said with the common keywords alone
 * (unions, nullable values, references, maps): such a tool would not work everywhere.
 */
export function parametersOf(schema: z.ZodObject): Json {
  return common(z.toJSONSchema(schema, { io: 'input' }), '');
}

function common(schema: Json, place: string): Json {
  if (typeof schema.type !== 'string') {
    throw new Error(`The parameter "${place}" has no single type, which not every vendor takes.`);
  }
  const kept: Json = {};
  for (const key of COMMON) if (schema[key] !== undefined) kept[key] = schema[key];
  const { minimum, maximum } = bounds(schema);
  // The bounds that every whole number has tell a model nothing.
  delete kept.minimum;
  delete kept.maximum;
  if (minimum !== undefined) kept.minimum = minimum;
  if (maximum !== undefined) kept.maximum = maximum;
  if (isRecord(schema.items)) kept.items = common(schema.items, `${place}[]`);
  if (isRecord(schema.properties)) {
    kept.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([name, inner]) => [
        name,
        common(isRecord(inner) ? inner : {}, place === '' ? name : `${place}.${name}`),
      ]),
    );
  }
  if (schema.type === 'object' && Object.keys(kept.properties ?? {}).length === 0) {
    throw new Error(`The parameter "${place}" is a map or empty, which not every vendor takes.`);
  }
  return kept;
}

/** A bound that is excluded becomes the next whole number, where the type has one. */
function bounds({ type, minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Json) {
  const step = type === 'integer' ? 1 : 0;
  const least = number(minimum) ?? shifted(number(exclusiveMinimum), step);
  const most = number(maximum) ?? shifted(number(exclusiveMaximum), -step);
  return {
    minimum: least === Number.MIN_SAFE_INTEGER ? shifted(number(exclusiveMinimum), step) : least,
    maximum: most === Number.MAX_SAFE_INTEGER ? shifted(number(exclusiveMaximum), -step) : most,
  };
}

const shifted = (bound: number | undefined, by: number) => (bound === undefined ? undefined : bound + by);
const number = (value: unknown) => (typeof value === 'number' ? value : undefined);
