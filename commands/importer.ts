import type { Config } from '../moleculer.config.ts';
import { boot } from '../platform/boot.ts';
import { serverInfo } from '../platform/data-folder.ts';
import { sharedOperatorToken } from '../platform/operator-token.ts';
import { printable } from '../platform/printable.ts';
import { whileStarting } from '../platform/starting.ts';
import { loadServices } from '../services/index.ts';
import { recipesApi } from '../services/recipes/recipes.api.ts';
import { call } from '../services/recipes/recipes.calls.ts';
import { openKeyStore } from '../stores/open.ts';

export type Result = { readonly held: 'new' | 'before' } | { readonly refused: string };

export interface Importer {
  take(recipes: readonly unknown[]): Promise<readonly Result[]>;
  close(): Promise<void>;
}

const ANSWER_MS = 30_000;
const PROBE_MS = 2000;

/**
 * The target of an import: the server named in ZIPBOB_URL, else the server running on the data folder, else the stores
 * themselves.
 */
export async function importer(
  config: Config,
  server: { ZIPBOB_URL?: string; ZIPBOB_TOKEN?: string },
): Promise<Importer> {
  const { folder } = config.locations;
  if (server.ZIPBOB_URL) {
    const token = server.ZIPBOB_TOKEN ?? config.operatorToken ?? (folder === undefined ? await tokenIn(config) : '');
    return overHttp(server.ZIPBOB_URL, token);
  }
  const { address, token } = (folder !== undefined && serverInfo(folder)) || {};
  if (address && token && (await alive(address))) return overHttp(address, token);
  return overStores(config);
}

/** The operator's token of nodes without a data folder. */
async function tokenIn({ locations }: Config): Promise<string> {
  const keys = await openKeyStore(locations);
  try {
    return sharedOperatorToken(keys);
  } finally {
    await keys.close();
  }
}

const alive = (address: string): Promise<boolean> =>
  fetch(`${address}/livez`, { signal: AbortSignal.timeout(PROBE_MS) }).then(
    ({ ok }) => ok,
    () => false,
  );

function overHttp(address: string, token: string): Importer {
  return {
    async take(recipes) {
      const answer = await fetch(`${address}/api/v1/ops/recipes`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
        body: JSON.stringify({ recipes }),
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      const body = (await answer.json()) as { results: Result[]; detail?: string };
      if (!answer.ok) throw new Error(`${address} refused: ${printable(String(body.detail ?? answer.status))}`);
      return body.results;
    },
    close: async () => {},
  };
}

async function overStores(config: Config): Promise<Importer> {
  const { broker, close } = await whileStarting(async starting =>
    boot(config, await loadServices(['projector', 'recipes']), starting),
  );
  return {
    take: async recipes => (await call(broker, recipesApi.importMany, { recipes: [...recipes] })).results,
    close,
  };
}
