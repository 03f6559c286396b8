import { z } from 'zod';
import { date } from '../../platform/fields.ts';
import { pathFields, type Route } from '../../platform/route.ts';
import { isCommand } from './command-limit.ts';
import { API, COOKIE } from './requests.ts';

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
const text = (description: string) => ({ description, schema: { type: 'string' } });
const traceId = { 'Trace-Id': text('names this request in the log') };
const problemAnswer = {
  description: 'A problem document (RFC 9457)',
  headers: { ...traceId, 'Retry-After': text('with 429 and 503: seconds to wait') },
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

const tooManyCommands = {
  ...problemAnswer,
  description:
    'too-many-requests: a member may send 3,600 commands in an hour, refused ones included, unless the operator sets another number; Retry-After says when to go on',
};

interface Schema {
  properties?: Record<string, Schema>;
  required?: string[];
  description?: string;
  [key: string]: unknown;
}

/** The OpenAPI 3.1 document of all routes, from the schemas that check the requests. */
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
  const { properties = {}, required = [], description } = schemaOf(route.input, 'input');
  const inPath = pathFields(route);
  const others = Object.entries(properties).filter(([name]) => !inPath.includes(name));
  const inQuery = route.method === 'GET';
  const parameter = (place: string) => (name: string) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: properties[name],
  });
  return {
    operationId: route.action,
    summary: route.summary,
    ...(route.access !== 'public' && { security: [{ bearer: [] }] }),
    parameters: [
      ...inPath.map(parameter('path')),
      ...(inQuery ? others : []).map(([name]) => name).map(parameter('query')),
      ...headers(route),
    ],
    ...(!inQuery &&
      others.length > 0 && {
        requestBody: {
          required: needsBody(route),
          content: {
            'application/json': {
              schema: {
                type: 'object',
                properties: Object.fromEntries(others),
                required: required.filter(name => !inPath.includes(name)),
                additionalProperties: false,
                ...(description !== undefined && { description }),
              },
            },
          },
        },
      }),
    responses: {
      [route.status]: answer(route),
      ...(isCommand(route) && { 429: tooManyCommands }),
      default: problemAnswer,
    },
  };
}

/** Some fields are required only in combination; the rule for none of them is checked here. */
const needsBody = (route: Route): boolean =>
  !route.input.safeParse(Object.fromEntries(pathFields(route).map(name => [name, 'x']))).success;

const given = (place: string, name: string, description: string) => ({ name, in: place, ...text(description) });
const header = (name: string, description: string) => given('header', name, description);

const headers = (route: Route) =>
  route.method === 'GET'
    ? [header('Wait-For-Position', 'answer only once this position is visible, two seconds at most')]
    : [
        ...(route.keyed
          ? [header('Idempotency-Key', 'the same key again is answered with what was done the first time')]
          : []),
        ...(showsRevision(route) ? [header('If-Match', 'the revision that the resource must still have')] : []),
        ...(route.session === 'goes on'
          ? [{ ...given('cookie', COOKIE, 'the refresh token, good for one use'), required: true }]
          : []),
      ];

const COOKIES = {
  begins: `${COOKIE}: the refresh token, for browsers; scripts cannot read it`,
  'goes on': `${COOKIE}: the next refresh token; a refusal with 401 takes the cookie away`,
  ends: `${COOKIE}: taken away`,
};

function answer(route: Route): object {
  const { status, output, summary, method, session } = route;
  return {
    description: summary,
    headers: {
      ...traceId,
      ...(method !== 'GET' && { Position: text('where something was stored: what a read can wait for') }),
      ...(showsRevision(route) && { ETag: text('the revision of the resource') }),
      ...(session !== undefined && { 'Set-Cookie': text(COOKIES[session]) }),
      ...([201, 202].includes(status) && { Location: text('where to find what was made') }),
    },
    ...(status !== 204 && { content: { 'application/json': { schema: schemaOf(output, 'output') } } }),
  };
}

/** Whether the answer is one resource with its revision, alone or with the action that changed it. */
function showsRevision(route: Route): boolean {
  const { properties = {} } = schemaOf(route.output, 'output');
  if (route.method === 'GET') return 'revision' in properties;
  return pathFields(route).some(field => 'revision' in (properties[field.replace(/Id$/, '')]?.properties ?? {}));
}

const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Schema =>
  z.toJSONSchema(schema, { io, unrepresentable: 'any', override: beyondTypes }) as Schema;

type Told = z.core.JSONSchema.BaseSchema;
/** rule of a `refine` */
interface Rule {
  check: string;
  path?: string[];
  error?: () => string;
}

/** Formats, bounds and rules of our own (platform/fields.ts), which Zod does not export. */
function beyondTypes({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: Told }) {
  const { def } = zodSchema._zod;
  if (zodSchema === date) jsonSchema.format = 'date';
  if (def.type === 'default') jsonSchema.default = def.defaultValue as Told['default'];
  // In a query a number arrives as text.
  if (def.type === 'pipe' && def.out instanceof z.ZodNumber) {
    delete jsonSchema.anyOf;
    Object.assign(jsonSchema, { type: 'integer', minimum: def.out.minValue, maximum: def.out.maxValue });
  }
  const rules = (def.checks ?? []).map(({ _zod }) => _zod.def as Rule).filter(({ check }) => check === 'custom');
  const refusals = rules.flatMap(({ path = [], error }) => (error ? [[...path, error()].join(' ')] : []));
  if (refusals.length === 0) return;
  const before = jsonSchema.description === undefined ? 'refused with: ' : `${jsonSchema.description}; `;
  jsonSchema.description = before + refusals.join('; ');
}
