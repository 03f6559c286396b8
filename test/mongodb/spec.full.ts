// biome-ignore-all lint/suspicious/noExplicitAny: arguments are passed on to the driver as the tests name them
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Collection, Db, Document } from 'mongodb';
import { isFerret, skip as noServer, ownDatabase, serverName, suiteMongo, withMongo } from '../support/mongodb.ts';
import { DIFFERENCES } from './differences.ts';

/** A folder of the drivers' unified tests for CRUD: https://github.com/mongodb/specifications, source/crud/tests/unified */
const folder = process.env.MONGODB_SPEC_TESTS;
const skip = noServer || (folder === undefined && 'MONGODB_SPEC_TESTS names no folder of the MongoDB specifications');
if (folder === undefined) console.error(`NOT TESTED, MongoDB's own tests: ${skip}`);

interface Data {
  readonly collectionName: string;
  readonly documents: Document[];
}
interface Step {
  readonly object: string;
  readonly name: string;
  readonly arguments?: Record<string, unknown>;
  readonly expectResult?: unknown;
  readonly expectError?: object;
}
interface Case {
  readonly description: string;
  readonly operations: readonly Step[];
  readonly outcome?: readonly Data[];
  readonly runOnRequirements?: readonly Requirement[];
}
interface Requirement {
  readonly minServerVersion?: string;
  readonly maxServerVersion?: string;
}
type Args = Record<string, any>;

/** The commands of the adapter, and those that show what they did. */
const RUN: Record<string, (collection: Collection, args: Args) => Promise<unknown>> = {
  bulkWrite: (collection, { requests, ...options }) => collection.bulkWrite(requests, options),
  countDocuments: (collection, { filter, ...options }) => collection.countDocuments(filter, options),
  deleteMany: (collection, { filter, ...options }) => collection.deleteMany(filter, options),
  deleteOne: (collection, { filter, ...options }) => collection.deleteOne(filter, options),
  find: (collection, { filter, ...options }) => collection.find(filter, options).toArray(),
  findOne: (collection, { filter, ...options }) => collection.findOne(filter as Document, options),
  insertMany: (collection, { documents, ...options }) => collection.insertMany(documents, options),
  insertOne: (collection, { document, ...options }) => collection.insertOne(document, options),
  replaceOne: (collection, { filter, replacement, ...options }) => collection.replaceOne(filter, replacement, options),
  updateOne: (collection, { filter, update, ...options }) => collection.updateOne(filter, update, options),
};

const asNumber = (version: string): number => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major * 1000 + minor;
};
const isMet = (version: string) => (requirement: Requirement) =>
  asNumber(version) >= asNumber(requirement.minServerVersion ?? '0') &&
  asNumber(version) <= asNumber(requirement.maxServerVersion ?? '999');

/** An expected document may leave fields out at its root only. */
function matches(actual: unknown, expected: unknown, isRoot = true): void {
  if (typeof expected !== 'object' || expected === null) {
    assert.equal(actual, expected);
    return;
  }
  if (Array.isArray(expected)) {
    assert.equal((actual as unknown[]).length, expected.length);
    for (const [i, one] of expected.entries()) matches((actual as unknown[])[i], one, isRoot);
    return;
  }
  const found = actual as Record<string, unknown>;
  if ('$$unsetOrMatches' in expected) {
    if (found !== undefined && found !== null) matches(found, expected.$$unsetOrMatches, isRoot);
    return;
  }
  for (const [key, value] of Object.entries(expected)) matches(found[key], value, false);
  if (!isRoot) assert.deepEqual(Object.keys(found).toSorted(), Object.keys(expected).toSorted());
}

async function play(db: Db, { operations, outcome }: Case, initial: readonly Data[], collectionName: string) {
  for (const { collectionName, documents } of initial) {
    if (documents.length > 0) await db.collection(collectionName).insertMany(documents);
  }
  for (const { name, arguments: args = {}, expectResult, expectError } of operations) {
    const running = RUN[name]!(db.collection(collectionName), args as Args);
    if (expectError) await assert.rejects(running);
    else if (expectResult === undefined) await running;
    else matches(await running, expectResult);
  }
  for (const { collectionName, documents } of outcome ?? []) {
    assert.deepEqual(await db.collection(collectionName).find().sort({ _id: 1 }).toArray(), documents);
  }
}

describe(`MongoDB's own tests of CRUD on ${serverName}`, { skip }, () => {
  const server = suiteMongo();
  for (const file of skip ? [] : readdirSync(folder!).filter(name => name.endsWith('.json'))) {
    const {
      tests,
      initialData = [],
      createEntities,
      runOnRequirements,
    } = JSON.parse(readFileSync(join(folder!, file), 'utf8'));
    const { collectionName } = createEntities.find((entity: object) => 'collection' in entity).collection;
    for (const one of tests as Case[]) {
      if (one.operations.some(({ name, object }) => !(name in RUN) || !object.startsWith('collection'))) continue;
      const title = `${file}: ${one.description}`;
      test(title, { skip: isFerret && DIFFERENCES[title] }, async t => {
        const { url, drop } = ownDatabase(server());
        t.after(drop);
        await withMongo(url, async client => {
          const { version } = await client.db().command({ buildInfo: 1 });
          const needs = [...(one.runOnRequirements ?? []), ...(runOnRequirements ?? [])];
          if (needs.length > 0 && !needs.some(isMet(version))) return t.skip(`not for version ${version}`);
          await play(client.db(), one, initialData, collectionName);
        });
      });
    }
  }
});
