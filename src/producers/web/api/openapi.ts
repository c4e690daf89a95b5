/** The API's description, made from the schemas that check it. */
import * as z from 'zod';
import type { Route } from './route.ts';
import { route } from './route.ts';

const refusal = z.object({
  error: z.object({ code: z.string(), message: z.string(), hint: z.string() }),
});

/** `GET /openapi.json`, which describes itself too. */
export function describing(routes: readonly Route[], version: string): Route[] {
  const all: Route[] = [
    ...routes,
    route({
      method: 'get',
      path: '/openapi.json',
      role: 'viewer',
      summary: 'This description',
      answer: z.looseObject({ openapi: z.string() }),
      handle: async () => document,
    }),
  ];
  const document = openApi(all, version);
  return all;
}

function openApi(routes: readonly Route[], version: string) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const each of routes) {
    const path = each.path.replace(/:([a-z]+)/gi, '{$1}');
    paths[path] = { ...paths[path], [each.method]: operation(each) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Dark Factory',
      version,
      description:
        'Documents are those of `df … --json`; see docs/json.md. Changes need a bearer token or a page of this server.',
    },
    servers: [{ url: '/api/v1' }],
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      schemas: { Refusal: schemaOf(refusal, 'output') },
    },
  };
}

function operation({ path, role, summary, query, body, answer, status = 200 }: Route) {
  const names = [...path.matchAll(/:([a-z]+)/gi)].map(([, name]) => name ?? '');
  const content =
    answer === undefined ? {} : { content: { 'application/json': { schema: schemaOf(answer, 'output') } } };
  return {
    summary,
    description: `Needs the role ${role}.`,
    parameters: [
      ...names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
      ...parameters(query),
    ],
    ...(body === undefined
      ? {}
      : { requestBody: { content: { 'application/json': { schema: schemaOf(body, 'input') } } } }),
    responses: {
      [status]: { description: summary, ...content },
      default: {
        description: 'Refused: 400, 401, 403, 404, 409, 429 or 503',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Refusal' } } },
      },
    },
  };
}

function parameters(query: z.ZodType | undefined) {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(query, 'input') as {
    properties?: Record<string, unknown>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output') {
  const { $schema: _, ...made } = z.toJSONSchema(schema, { io, unrepresentable: 'any', override: asText });
  return made;
}

/** A moment is text on the wire. */
function asText({
  zodSchema,
  jsonSchema,
}: {
  zodSchema: z.core.$ZodTypes;
  jsonSchema: z.core.JSONSchema.BaseSchema;
}) {
  if (zodSchema._zod.def.type === 'date') Object.assign(jsonSchema, { type: 'string', format: 'date-time' });
}
