const INDEX = 'an upsert is numbered among the upserts of a command, not among all its writes';
const NULL_ID = 'a document whose _id is null is not found by it';
const PIPELINE = 'an update by a pipeline is refused';

/** Tests of the specification that FerretDB 1.24.2 answers differently, and how. The adapter relies on none of these. */
export const DIFFERENCES: Readonly<Record<string, string>> = {
  'bulkWrite.json: BulkWrite with replaceOne operations': INDEX,
  'bulkWrite.json: BulkWrite with updateOne operations': INDEX,
  'bulkWrite.json: BulkWrite with updateMany operations': INDEX,
  'create-null-ids.json: inserting _id with type null via insertOne': NULL_ID,
  'create-null-ids.json: inserting _id with type null via insertMany': NULL_ID,
  'create-null-ids.json: inserting _id with type null via bulkWrite': NULL_ID,
  'updateOne-dots_and_dollars.json: Updating document to set top-level dollar-prefixed key on 5.0+ server': PIPELINE,
  'updateOne-dots_and_dollars.json: Updating document to set top-level dotted key on 5.0+ server': PIPELINE,
  'updateOne-dots_and_dollars.json: Updating document to set dollar-prefixed key in embedded doc on 5.0+ server':
    PIPELINE,
  'updateOne-dots_and_dollars.json: Updating document to set dotted key in embedded doc on 5.0+ server': PIPELINE,
};
