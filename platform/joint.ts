import type { CallingOptions, Context, ServiceBroker, ServiceSchema } from 'moleculer';
import type { z } from 'zod';

/** One action as a value. Its callers and its service check messages against the same schemas. */
export interface Joint<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  /** `service.action` */
  readonly action: string;
  readonly input: I;
  readonly output: O;
}

type Named<S extends string, A> = {
  readonly [K in keyof A & string]: A[K] & { readonly action: `${S}.${K}` };
};

/** The actions of one service, each with its full name. */
export const named = <const S extends string, A extends Record<string, Omit<Joint, 'action'>>>(
  service: S,
  actions: A,
): Named<S, A> =>
  Object.fromEntries(
    Object.entries(actions).map(([name, one]) => [name, { ...one, action: `${service}.${name}` }]),
  ) as Named<S, A>;

/** The service that answers an action or announces an event, by its full name. */
export const serviceOf = (name: string): string => name.split('.', 1)[0]!;

/** The origin of a call: a request or a broker. */
export type Caller = Pick<ServiceBroker, 'call'> | Pick<Context, 'call'>;

/**
 * Calls one of the joints `J`.
 * @throws the error of the action, with its class; Error if a message does not match its schema
 */
export type Call<J extends Joint> = <K extends J>(
  from: Caller,
  joint: K,
  input: z.input<K['input']>,
  options?: CallingOptions,
) => Promise<z.output<K['output']>>;

/** Declares the joints that a service calls, and returns the function that calls them and no others. */
export const calling = <const A extends readonly Joint[]>(...joints: A): { joints: A; call: Call<A[number]> } => ({
  joints,
  call: async (from, joint, input, options) => {
    const message = checked(joint.input, input, `the input of ${joint.action}`);
    const answer: unknown = await (from as ServiceBroker).call(joint.action, message, options);
    return checked(joint.output, answer, `the answer of ${joint.action}`) as z.output<(typeof joint)['output']>;
  },
});

/** A broker event as a value. */
export interface News<P extends z.ZodType = z.ZodType> {
  /** `service.what`, of the service that announces it */
  readonly event: string;
  readonly payload: P;
}

/** Broadcasts to all nodes. Delivery is not guaranteed: a listener must also poll. */
export const announce = <P extends z.ZodType>(broker: ServiceBroker, { event, payload }: News<P>, news: z.input<P>) =>
  broker.broadcast(event, checked(payload, news, event));

/** The `events` of a service that listens for one kind of news. */
export const listening = <P extends z.ZodType>(
  { event, payload }: News<P>,
  heard: (news: z.output<P>) => void,
): NonNullable<ServiceSchema['events']> => ({
  [event]: ({ params }: Context) => heard(checked(payload, params, event)),
});

/** @throws Error that names the message and the field: our mistake, or two incompatible releases */
export function checked<S extends z.ZodType>(schema: S, message: unknown, what: string): z.output<S> {
  const parsed = schema.safeParse(message);
  if (parsed.success) return parsed.data;
  const { path, message: fault } = parsed.error.issues[0]!;
  throw new Error(`${what} does not match its schema: ${path.join('.')} ${fault}`);
}
