import type { ServiceSchema } from 'moleculer';
import type { Config, ServiceName } from '../moleculer.config.ts';
import type { Parts } from '../platform/parts.ts';

/** The services of these names, each from its own folder. */
export const loadServices = (names: readonly ServiceName[]) =>
  Promise.all(
    names.map(async name => {
      const module = (await import(`./${name}/${name}.service.ts`)) as {
        default: (parts: Parts & Config & { operatorToken: string }) => ServiceSchema;
      };
      return module.default;
    }),
  );
