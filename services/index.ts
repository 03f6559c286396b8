import type { ServiceBroker, ServiceSchema } from 'moleculer';
import { type Joint, type News, serviceOf } from '../platform/joint.ts';
import type { Parts } from '../platform/parts.ts';
import type { Starting } from '../platform/starting.ts';
import * as auth from './auth/auth.calls.ts';
import * as fridges from './fridges/fridges.calls.ts';
import * as gateway from './gateway/gateway.calls.ts';
import * as recipes from './recipes/recipes.calls.ts';
import * as recommendations from './recommendations/recommendations.calls.ts';

/** All services. */
export const allServices = ['projector', 'auth', 'fridges', 'recipes', 'recommendations', 'gateway'] as const;
export type ServiceName = (typeof allServices)[number];

/** The joints that each service calls, and the events that it listens for. */
const needs: Readonly<Record<ServiceName, { joints: readonly Joint[]; hears?: readonly News[] }>> = {
  projector: { joints: [] },
  auth,
  fridges,
  recipes,
  recommendations,
  gateway,
};

/** Missing services that these need, each with the first one that needs it. */
export function missingFrom(services: readonly ServiceName[]): Map<string, ServiceName> {
  const missing = new Map<string, ServiceName>();
  for (const service of services) {
    const { joints, hears = [] } = needs[service];
    for (const name of [...joints.map(({ action }) => action), ...hears.map(({ event }) => event)]) {
      const needed = serviceOf(name);
      if (!services.some(present => present === needed) && !missing.has(needed)) missing.set(needed, service);
    }
  }
  return missing;
}

/** Actions that a service of any node calls and that no node serves, in alphabetical order. */
export function unserved({ registry }: ServiceBroker): string[] {
  const present = new Set(registry.getServiceList({ onlyAvailable: true }).map(({ name }) => name));
  const called = allServices.filter(name => present.has(name)).flatMap(name => needs[name].joints);
  return [...new Set(called.map(({ action }) => action))]
    .filter(action => !registry.actions.isAvailable(action))
    .sort();
}

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
