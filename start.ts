import { readConfig } from './moleculer.config.ts';
import { boot, type Node } from './platform/boot.ts';
import { messageOf } from './platform/printable.ts';
import { replCommands } from './platform/repl.ts';
import { loadServices } from './services/index.ts';
import { seed } from './services/recipes/seed.ts';

let node: Node | undefined;

async function stop(code: number): Promise<never> {
  await node?.close().catch((error: unknown) => console.error(error));
  process.exit(code);
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(0));
try {
  const config = readConfig();
  const services = await loadServices(config.services);
  node = await boot(
    { ...config, broker: { ...config.broker, replOptions: { customCommands: replCommands } } },
    services,
  );
  if (config.services.includes('recipes')) await seed(node.broker, line => console.log(line));
  console.log(`ready ${node.address ?? 'without a gateway'}`);
  if (process.argv.includes('--repl')) node.broker.repl();
} catch (error) {
  console.error(messageOf(error));
  await stop(1);
}
