import type { Server, ServerResponse } from 'node:http';
import { join } from 'node:path';
import helmet from 'helmet';
import type { ServiceBroker, ServiceSchema } from 'moleculer';
import ApiGateway, { type ApiSettingsSchema, type IncomingRequest } from 'moleculer-web';
import { Unavailable } from '../../core/errors.ts';
import packageJson from '../../package.json' with { type: 'json' };
import type { AnswerMeta, RequestMeta } from '../../platform/action.ts';
import { Problem, RETRY_SECONDS } from '../../platform/problem.ts';
import { revocationsOf } from '../../platform/revocations.ts';
import type { Route } from '../../platform/route.ts';
import { traceIdOf, traceparentOf } from '../../platform/trace.ts';
import { activeTraceparent } from '../../platform/tracing.ts';
import { readBody } from './body.ts';
import { commandLimit } from './command-limit.ts';
import { asProblem, sendProblem } from './errors.ts';
import { fixedJson } from './fixed-json.ts';
import { routes as contract } from './gateway.calls.ts';
import { readiness } from './health.ts';
import { inHttpSpan, nameHttpSpan } from './http-span.ts';
import { type Address, hangUp, listen } from './listen.ts';
import { openApi } from './openapi.ts';
import {
  API,
  type GatewayParts,
  type Incoming,
  readInput,
  readMeta,
  requireDecodable,
  writeHeaders,
} from './requests.ts';

/** The routes of the HTTP contract, by action. */
const routes = new Map<string, Route & { action: string }>(contract.map(route => [route.action, route]));

/** The page consists of files from this server, without inline code. */
const CONTENT = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'"],
  connectSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'self'"],
};
/** Browser features that the page does not use. */
const PERMISSIONS = [
  ...['accelerometer', 'autoplay', 'camera', 'display-capture', 'fullscreen', 'geolocation', 'gyroscope', 'hid'],
  ...['magnetometer', 'microphone', 'midi', 'payment', 'picture-in-picture', 'screen-wake-lock', 'serial', 'usb'],
]
  .map(feature => `${feature}=()`)
  .join(', ');

const WEB = join(import.meta.dirname, '../../web');

declare module 'moleculer-web' {
  interface IncomingRequest {
    traceparent: string;
  }
}

type Res = ServerResponse;
type Meta = Partial<RequestMeta> & { answer?: AnswerMeta };
interface Gateway {
  broker: ServiceBroker;
  logger: ServiceBroker['logger'];
  server?: Server;
  readonly aliases: readonly { method: string; re: RegExp }[];
  httpHandler(req: IncomingRequest, res: Res): Promise<void>;
  answer(req: IncomingRequest, res: Res): Promise<void>;
  send404(req: IncomingRequest, res: Res): void;
  send405(req: IncomingRequest, res: Res, methods: readonly string[]): void;
}

const { httpHandler } = (ApiGateway as unknown as { methods: Record<string, Handle> }).methods;
type Handle = (this: Gateway, req: IncomingRequest, res: Res) => Promise<void>;

const openApiAnswer = fixedJson(openApi([...routes.values()], packageJson.version));

/** The methods at this address. */
function methodsAt({ aliases }: Gateway, url: string): string[] {
  const [path = ''] = url.split('?', 1);
  return aliases.filter(({ re }) => re.test(path)).map(({ method }) => method);
}

function json(res: Res, status: number, body: object): void {
  res.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' });
  res.end(JSON.stringify(body));
}

/** The HTTP gateway: maps calls of the contract to actions, and their answers back. */
export default function gatewayService(
  parts: GatewayParts & Address & { secureCookie: boolean; commandsPerHour: number },
): ServiceSchema<ApiSettingsSchema> {
  const { secureCookie } = parts;
  const countCommand = commandLimit(parts, parts.commandsPerHour);
  const securityHeaders = helmet({
    // Home networks have plain HTTP, where requiring HTTPS would break the page.
    ...(!secureCookie && { strictTransportSecurity: false }),
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { ...CONTENT, ...(secureCookie && { upgradeInsecureRequests: [] }) },
    },
  });

  const revocations = revocationsOf(parts.keyValue);
  const stopping = new AbortController();

  return {
    name: 'gateway',
    mixins: [ApiGateway],

    async started() {
      await revocations.load();
      void revocations.follow(stopping.signal);
    },
    stopped: () => stopping.abort(),

    settings: {
      server: false, // ours is below, so that its errors are problem documents too
      routes: [
        {
          path: API,
          mappingPolicy: 'restrict',
          mergeParams: false,
          etag: false,
          logging: false,
          bodyParsers: false, // it would read a body before the token is checked
          aliases: Object.fromEntries(
            [...routes.values()].map(({ method, path, action }) => [
              `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
              action,
            ]),
          ),

          async onBeforeCall(ctx, _route, req, res) {
            const route = routes.get(req.$alias.action!)!;
            nameHttpSpan(route.method, API + route.path);
            requireDecodable(req.originalUrl!);
            const incoming = req.$params as Incoming;
            const meta: Meta = await readMeta(parts, route, req, incoming.params);
            await countCommand(route, meta.member);
            Object.assign(ctx.meta, meta, { traceparent: req.traceparent });
            const body = await readBody(req, res, route);
            req.$params = readInput(route, { ...incoming, body });
            // Answers depend on the date and the member, so none is a 304.
            delete req.headers['if-none-match'];
          },

          onAfterCall(ctx, _route, req, res, data) {
            const { answer = {} } = ctx.meta as Meta;
            res.statusCode = routes.get(req.$action.name!)!.status;
            res.setHeader('Cache-Control', 'no-store');
            writeHeaders(res, answer, parts);
            // moleculer-web requires it with every 201
            if (answer.location !== undefined) Object.assign(ctx.meta, { $location: API + answer.location });
            return data;
          },
        },
        {
          name: 'page',
          path: '/',
          mappingPolicy: 'restrict',
          logging: false,
          use: [ApiGateway.serveStatic(WEB, { redirect: false })],
        },
        {
          // Separate from the page: no file is looked up, so a busy disk does not delay them.
          name: 'operating',
          path: '/',
          mappingPolicy: 'restrict',
          logging: false,
          aliases: {
            'GET livez': (_req: IncomingRequest, res: Res) => json(res, 200, { status: 'ok' }),
            async 'GET readyz'(this: Gateway, _req: IncomingRequest, res: Res) {
              const { ready, ...found } = await readiness(parts, this.broker);
              if (!ready) res.setHeader('Retry-After', String(RETRY_SECONDS));
              json(res, ready ? 200 : 503, { status: ready ? 'ok' : 'unavailable', ...found });
            },
            'GET openapi.json': (req: IncomingRequest, res: Res) => openApiAnswer(req, res),
          },
        },
      ],
    },

    methods: {
      /** The last step of a start, because services start side by side and one of them may fail. */
      async listen(this: Gateway) {
        this.server = await listen((req, res) => void this.httpHandler(req as IncomingRequest, res), parts);
      },
      /** The first step of a stop: running requests finish, new ones are not accepted. */
      async hangUp(this: Gateway) {
        if (this.server) await hangUp(this.server);
      },
      httpHandler(this: Gateway, req: IncomingRequest, res: Res) {
        return inHttpSpan(req, res, () => this.answer(req, res));
      },
      answer(this: Gateway, req: IncomingRequest, res: Res) {
        req.traceparent = activeTraceparent() ?? traceparentOf(req.headers.traceparent as string | undefined);
        res.setHeader('Trace-Id', traceIdOf(req.traceparent));
        // One id per request, never one chosen by a stranger.
        req.headers['x-request-id'] = traceIdOf(req.traceparent);
        delete req.headers['x-correlation-id'];
        securityHeaders(req, res, () => {});
        res.setHeader('Permissions-Policy', PERMISSIONS);
        // HEAD is handled as GET; Node omits the body.
        if (req.method === 'HEAD') req.method = 'GET';
        const methods = methodsAt(this, req.url!);
        // Without a call, there may be a file of the page.
        const served = methods.length === 0 ? ['GET'] : methods;
        if (served.includes(req.method!)) return httpHandler!.call(this, req, res);
        // Other methods must not reach moleculer-web, which would carry out an OPTIONS request.
        if (methods.length === 0) this.send404(req, res);
        else this.send405(req, res, methods);
        return Promise.resolve();
      },
      /** The log is for the operator, not for mistakes of clients. */
      errorHandler(this: Gateway, req: IncomingRequest, res: Res, error: unknown) {
        const { problem, known } = asProblem(error);
        const traceId = traceIdOf(req.traceparent);
        const failed = `${req.method} failed, trace ${traceId}`;
        if (!known) this.logger.error(`${failed}: ${(error as Error)?.stack ?? error}`);
        else if (problem.code >= 500) {
          const reason = error instanceof Unavailable ? error.message : problem.message;
          this.logger.warn(`${failed}: ${problem.type}, ${reason}`);
        }
        // The client deletes an invalid refresh token.
        const { session } = routes.get(req.$alias?.action ?? '') ?? {};
        if (problem.code === 401 && session === 'goes on') writeHeaders(res, { refreshToken: null }, parts);
        sendProblem(res, problem, traceId);
      },
      send404(req: IncomingRequest, res: Res) {
        sendProblem(res, new Problem(404, 'not-found', 'there is nothing at this address'), traceIdOf(req.traceparent));
      },
      send405(req: IncomingRequest, res: Res, methods: readonly string[]) {
        const allowed = methods.flatMap(method => (method === 'GET' ? ['GET', 'HEAD'] : method));
        res.setHeader('Allow', allowed.join(', '));
        const problem = new Problem(405, 'method-not-allowed', `only ${allowed.join(', ')} can be done here`);
        sendProblem(res, problem, traceIdOf(req.traceparent));
      },
    },
  };
}
