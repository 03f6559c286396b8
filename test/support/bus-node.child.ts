import { ServiceBroker } from 'moleculer';
import { onBus } from '../../platform/bus.ts';

/** A node whose action `slow.do` never answers; it tells its parent of each call. */
const broker = new ServiceBroker({ ...onBus(process.argv[2]!), nodeID: 'first', namespace: 'three', logger: false });
broker.createService({
  name: 'slow',
  actions: {
    do() {
      process.send!('called');
      return new Promise(() => {});
    },
  },
});
await broker.start();
process.send!('started');
