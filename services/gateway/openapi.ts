import { z } from 'zod';
import { pathFields, type Route } from '../../platform/route.ts';
import { API } from './requests.ts';

const problem = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'traceId'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string' },
    traceId: { type: 'string' },
    errors: {
      type: 'array',
      items: { type: 'object', properties: { path: { type: 'string' }, message: { type: 'string' } } },
    },
  },
};
const problemAnswer = {
  description: 'A problem document (RFC 9457)',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

type Schema = { properties?: Record<string, unknown>; required?: string[]; [key: string]: unknown };

/** The OpenAPI 3.1 document of all routes, from the very schemas that check the requests. */
export function openApi(routes: readonly (Route & { action: string })[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = API + route.path;
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'ZipBob', version, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: { Problem: problem },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

function operation(route: Route & { action: string }): object {
  const input = z.toJSONSchema(route.input, { io: 'input', unrepresentable: 'any' }) as Schema;
  const inPath = pathFields(route);
  const others = Object.entries(input.properties ?? {}).filter(([name]) => !inPath.includes(name));
  const required = (input.required ?? []).filter(name => !inPath.includes(name));
  const inQuery = route.method === 'GET';
  return {
    operationId: route.action,
    summary: route.summary,
    ...(route.access !== 'public' && { security: [{ bearer: [] }] }),
    parameters: [
      ...inPath.map(name => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
      ...(inQuery ? others : []).map(([name, schema]) => ({
        name,
        in: 'query',
        required: required.includes(name),
        schema,
      })),
      ...headers(route),
    ],
    ...(!inQuery &&
      others.length > 0 && {
        requestBody: {
          required: required.length > 0,
          content: {
            'application/json': {
              schema: { type: 'object', properties: Object.fromEntries(others), required, additionalProperties: false },
            },
          },
        },
      }),
    responses: { [route.status]: answer(route), default: problemAnswer },
  };
}

const header = (name: string, description: string) => ({ name, in: 'header', description, schema: { type: 'string' } });

const headers = ({ method }: Route) =>
  method === 'GET'
    ? [header('Wait-For-Position', 'answer only once this position is visible, two seconds at most')]
    : [
        header('Idempotency-Key', 'the same key again is answered with what was done the first time'),
        header('If-Match', 'the revision that the resource must still have'),
      ];

function answer({ status, output, summary }: Route): object {
  if (status === 204) return { description: summary };
  const schema = z.toJSONSchema(output, { io: 'output', unrepresentable: 'any' });
  return { description: summary, content: { 'application/json': { schema } } };
}
