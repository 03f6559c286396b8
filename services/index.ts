import type { ServiceSchema } from 'moleculer';
import type { Parts } from '../platform/parts.ts';
import type { Starting } from '../platform/starting.ts';

/** Every service there is. */
export const allServices = ['projector', 'auth', 'fridges', 'recipes', 'recommendations', 'gateway'] as const;
export type ServiceName = (typeof allServices)[number];

/** What a service waits for before it starts. */
export const dependencies = {
  recipes: ['projector'],
  recommendations: ['projector'],
} as const satisfies { [name in ServiceName]?: readonly ServiceName[] };

/** The services of these names, each from its own folder, for a node with the configuration `C`. */
export const loadServices = <C>(names: readonly ServiceName[]) =>
  Promise.all(
    names.map(async name => {
      const module = (await import(`./${name}/${name}.service.ts`)) as {
        default: (parts: Parts & C & { operatorToken: string; starting: Starting }) => ServiceSchema;
      };
      return module.default;
    }),
  );
