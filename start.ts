import { readConfig } from './moleculer.config.ts';
import { boot, type Node } from './platform/boot.ts';
import { messageOf } from './platform/printable.ts';
import { replCommands } from './platform/repl.ts';
import { whileStarting } from './platform/starting.ts';
import { startTelemetry } from './platform/telemetry.ts';
import { loadServices } from './services/index.ts';
import { seed } from './services/recipes/seed.ts';

let node: Node | undefined;
let endTelemetry: (() => Promise<void>) | undefined;

async function stop(code: number): Promise<never> {
  await node?.close().catch((error: unknown) => console.error(error));
  await endTelemetry?.();
  process.exit(code);
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(0));
try {
  const config = readConfig();
  endTelemetry = await startTelemetry();
  const services = await loadServices(config.services);
  await whileStarting(async starting => {
    const broker = { ...config.broker, replOptions: { customCommands: replCommands } };
    node = await boot({ ...config, broker }, services, starting);
    if (!config.services.includes('recipes')) return;
    const seeding = seed(node.broker, line => console.log(line));
    await starting.waitFor(() => 'our own recipes to be stored', seeding);
  });
  console.log(`ready ${node!.address ?? 'without a gateway'}`);
  if (process.argv.includes('--repl')) node!.broker.repl();
} catch (error) {
  console.error(messageOf(error));
  await stop(1);
}
