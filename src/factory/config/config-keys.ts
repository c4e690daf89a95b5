import * as z from 'zod';
import { config } from './config.ts';

/** A key of config.yaml as a person meets it; one that holds others has `keys`. */
export interface ConfigKey {
  name: string;
  meaning: string;
  /** As it would be written in the file; missing for a key that is not set unless somebody sets it. */
  fallback?: unknown;
  example?: unknown;
  /** All values that are allowed, where they can be counted. */
  values?: readonly string[];
  keys?: readonly ConfigKey[];
}

/** All keys of config.yaml, in the order of the schema: what the page of the documents and `df setup` write. */
export function configKeys(): readonly ConfigKey[] {
  return keysIn(config);
}

function keysIn({ shape }: z.ZodObject): readonly ConfigKey[] {
  return Object.entries(shape).map(([name, schema]) => {
    const { description = '', examples } = z.globalRegistry.get(schema) ?? {};
    const [inner, fallback] = unwrap(schema);
    return {
      name,
      meaning: description,
      ...(Array.isArray(examples) ? { example: examples[0] } : {}),
      ...(inner instanceof z.ZodEnum ? { values: inner.options.map(String) } : {}),
      ...(inner instanceof z.ZodObject ? { keys: keysIn(inner) } : { fallback }),
    };
  });
}

/** What lies below defaults and transformations, and the default. */
function unwrap(schema: z.core.$ZodType, fallback?: unknown): [z.core.$ZodType, unknown] {
  if (schema instanceof z.ZodPipe)
    return unwrap(schema.in instanceof z.ZodTransform ? schema.out : schema.in, fallback);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault)
    return unwrap(schema.unwrap(), fallback);
  if (schema instanceof z.ZodDefault) return unwrap(schema.unwrap(), schema.def.defaultValue);
  return [schema, fallback];
}
