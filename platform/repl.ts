import type { BrokerOptions, ServiceBroker } from 'moleculer';
import { messageOf, printable } from './printable.ts';

interface Command {
  readonly command: string;
  readonly description: string;
  action(broker: ServiceBroker, args: Record<string, string>): Promise<void>;
}

const NO_LIMIT = { timeout: 0 };

/** The operators' commands. Each calls the same action as every other caller. */
const commands: readonly Command[] = [
  {
    command: 'projections',
    description: 'how far each read model is',
    async action(broker) {
      const { projections, standingBy } = await broker.call<{ projections: object[]; standingBy?: { holder: string } }>(
        'projector.status',
      );
      if (standingBy) console.log(`this node stands by: ${standingBy.holder} feeds the read models`);
      console.table(projections);
    },
  },
  {
    command: 'rebuild <name>',
    description: 'build a read model anew from the log, while the old one serves',
    async action(broker, { name }) {
      const { generation } = await broker.call<{ generation: number }, object>('projector.rebuild', { name }, NO_LIMIT);
      console.log(`${name} is served from generation ${generation}`);
    },
  },
  {
    command: 'retire <name> <version>',
    description: 'drop an older version of a read model, which a rollback would need',
    async action(broker, { name, version }) {
      await broker.call<object, object>('projector.retire', { name, version: Number(version) }, NO_LIMIT);
      console.log(`version ${version} of ${name} is gone`);
    },
  },
  {
    command: 'facts <stream>',
    description: 'the facts of a stream, as they are stored',
    async action(broker, { stream }) {
      const events = await broker.call<object[], object>('projector.events', { stream });
      if (events.length === 0) throw new Error(`there is no stream called ${stream}`);
      for (const event of events) console.log(printable(JSON.stringify(event)));
    },
  },
];

/** A refusal is printed as one line, not as a stack. */
const quietly = ({ action, ...command }: Command): Command => ({
  ...command,
  action: (broker, args) => action(broker, args).catch((error: unknown) => console.error(messageOf(error))),
});

/** In the REPL's format; its types do not know that arguments are passed by name. */
export const replCommands = commands.map(quietly) as unknown as NonNullable<
  NonNullable<BrokerOptions['replOptions']>['customCommands']
>;
