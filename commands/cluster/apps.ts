import { platform } from 'node:os';
import { join } from 'node:path';
import type { ProgramSpec } from './program.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Processes of each service. Of two projectors one stands by. */
const PROCESSES = { projector: 2, auth: 1, fridges: 1, recipes: 1, recommendations: 2, gateway: 2 };

interface Place {
  /** of all gateways */
  readonly port: number;
  /** with the URLs of all servers */
  readonly env: NodeJS.ProcessEnv;
}

/** One process for each service, two of some. Several gateways share the port, which only Linux allows. */
export function apps({ port, env }: Place): ProgramSpec[] {
  const isShared = platform() === 'linux';
  return Object.entries(PROCESSES).flatMap(([service, count]) =>
    Array.from({ length: service === 'gateway' && !isShared ? 1 : count }, (_, i) => {
      const name = `${service}-${i + 1}`;
      return {
        name,
        kind: 'app' as const,
        services: [service],
        command: [process.execPath, '--max-semi-space-size=4', 'start.ts'] as const,
        cwd: ROOT,
        env: {
          ...env,
          ZIPBOB_SERVICES: service,
          ZIPBOB_DATA: undefined, // all stores are servers: a node needs no folder
          ZIPBOB_PROFILE: 'cluster',
          ZIPBOB_PORT: String(port),
          ZIPBOB_SHARED_PORT: isShared ? '1' : '0',
        },
        ready: /^ready /,
      };
    }),
  );
}
