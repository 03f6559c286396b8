import type { CommandMeta } from '../core/command-handler.ts';
import type { EventStore, Expected, Proposed } from '../core/event-store/port.ts';
import { type Happened, schemaOf } from '../core/fact.ts';
import { createdId } from '../core/ids.ts';
import { baseCatalogue } from '../domain/base-catalogue.ts';
import { type FridgeEvent, fridgeFamily } from '../events/fridge.ts';
import type { FridgeCommand } from '../services/fridges/fridge.decider.ts';
import type { FridgeState } from '../services/fridges/fridge.state.ts';
import type { NewIngredient } from '../services/fridges/stock.ts';
import { decider } from '../services/fridges/testing.ts';
import { seeded } from '../test/support/seeded.ts';

/** One command of a household, with its events. */
export interface Step {
  readonly fridgeId: string;
  readonly stream: string;
  readonly command: FridgeCommand;
  readonly meta: CommandMeta;
  readonly expected: Expected;
  readonly events: readonly Proposed<FridgeEvent>[];
}

interface Fridge {
  readonly fridgeId: string;
  readonly owner: string;
  state: FridgeState;
  revision: number;
  /** ids of ingredients with an amount left */
  readonly present: string[];
}

const FEW = 10;
const MANY = 60;
const START = Date.parse('2024-01-01T00:00:00.000Z');
const STEP_MS = 60_000;

/**
 * Households that shop, cook and correct themselves, decided by the real rules: 40 % of the commands store one ingredient,
 * the others use one, in a fridge of 10 to 60 ingredients. Commands are one minute apart.
 */
export class Households {
  readonly #random: () => number;
  readonly #seed: number;
  readonly #fridges: Fridge[] = [];
  readonly #size: number;
  #count = 0;

  constructor(options: { seed: number; fridges: number }) {
    this.#seed = options.seed;
    this.#random = seeded(options.seed);
    this.#size = options.fridges;
  }

  /** The next command. The first ones open the fridges, one each. */
  next(): Step {
    const number = this.#count++;
    const commandId = createdId(`bench ${this.#seed}`, number);
    const fridge = number < this.#size ? this.#newFridge(number) : this.#pick(this.#fridges);
    const command = number < this.#size ? open(fridge) : this.#wish(fridge);
    const { fridgeId, owner } = fridge;
    // as long as the gateway's fingerprints: a hash, and an HMAC in base64url
    const fingerprint = Buffer.from(commandId.replaceAll('-', '')).toString('base64url');
    const meta = {
      commandId,
      actor: owner,
      fingerprint,
      traceparent: `00-${commandId.replaceAll('-', '')}-${commandId.slice(-12)}0000-01`,
    };
    return { fridgeId, command, meta, ...this.#decide(fridge, command, meta, number) };
  }

  #newFridge(number: number): Fridge {
    const fridge: Fridge = {
      fridgeId: createdId(`bench fridge ${this.#seed}`, number),
      owner: createdId(`bench member ${this.#seed}`, number),
      state: decider.initial(),
      revision: -1,
      present: [],
    };
    this.#fridges.push(fridge);
    return fridge;
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)]!;
  }

  #wish(fridge: Fridge): FridgeCommand {
    const { present, state } = fridge;
    const dice = this.#random();
    if (present.length <= FEW || (dice < 0.4 && present.length < MANY)) return { do: 'store', items: [this.#item()] };
    const ingredientId = this.#pick(present);
    if (dice < 0.8) {
      const { amount, perUnit } = state.ingredients.get(ingredientId)!;
      const half = Math.floor(amount / 2) / perUnit;
      const all = this.#random() < 0.4 || half * perUnit < 1;
      return { do: 'consume', ingredientId, ...(!all && { amount: half }) };
    }
    if (dice < 0.9) return { do: 'discard', ingredientId, reason: 'spoiled' };
    return {
      do: 'correct',
      ingredientId,
      patch: { dueDate: this.#date(), name: `${this.#pick(baseCatalogue.foods).name.ko} 2` },
    };
  }

  #item(): NewIngredient {
    const { id, unit } = this.#pick(baseCatalogue.foods);
    const counted = ['g', 'ml'].includes(unit) ? 100 : 1;
    return {
      food: id,
      amount: counted * Math.ceil(this.#random() * 10),
      ...(this.#random() < 0.5 && { dueDate: this.#date() }),
      ...(this.#random() < 0.3 && { price: Math.ceil(this.#random() * 90) * 100 }),
      ...(this.#random() < 0.3 && { barcode: `880${Math.floor(this.#random() * 1e10)}` }),
    };
  }

  #date(): string {
    return `2024-0${1 + Math.floor(this.#random() * 9)}-1${Math.floor(this.#random() * 10)}`;
  }

  #decide(fridge: Fridge, command: FridgeCommand, meta: CommandMeta, number: number) {
    const at = new Date(START + number * STEP_MS).toISOString();
    const { commandId, actor } = meta;
    const stream = fridgeFamily.streamOf(fridge.fridgeId);
    const decided = decider.decide(command, fridge.state, { commandId, actor: actor!, at });
    const expected: Expected = fridge.revision < 0 ? 'none' : fridge.revision;
    const events = decided.map((event, i) => {
      const id = createdId(`${commandId} fact`, i);
      const whole = {
        ...meta,
        correlationId: commandId,
        causationId: commandId,
        at,
        schema: schemaOf(fridgeFamily, event),
      };
      const happened = { ...event, id, stream, revision: ++fridge.revision, meta: whole } as Happened<FridgeEvent>;
      fridge.state = decider.evolve(fridge.state, happened);
      this.#notePresence(fridge, event);
      return { id, event, meta: whole };
    });
    return { stream, expected, events };
  }

  #notePresence({ present, state }: Fridge, { data }: FridgeEvent): void {
    if (!('ingredientId' in data)) return;
    const known = present.indexOf(data.ingredientId);
    const isThere = state.ingredients.get(data.ingredientId)!.amount > 0;
    if (isThere && known < 0) present.push(data.ingredientId);
    if (!isThere && known >= 0) present.splice(known, 1);
  }
}

const open = ({ fridgeId, owner }: Fridge): FridgeCommand => ({
  do: 'open',
  fridgeId,
  name: '우리집 냉장고',
  timeZone: 'Asia/Seoul',
  owner,
});

const AT_ONCE = 1000;

/** Appends the next `count` commands' facts in their order, so that the fridges are interleaved in the log. */
export async function record(store: EventStore, households: Households, count: number): Promise<void> {
  for (let done = 0; done < count; ) {
    const appends: Promise<unknown>[] = [];
    for (; done < count && appends.length < AT_ONCE; done++) {
      const { stream, events, expected } = households.next();
      appends.push(store.append(stream, events, expected));
    }
    await Promise.all(appends);
  }
}
