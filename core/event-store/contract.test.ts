import { inFile, inMemory } from './contract/open-sqlite.ts';
import { sparse } from './contract/sparse.ts';
import { eventStoreContract } from './contract.ts';

eventStoreContract('the event log in memory (SQLite)', () => inMemory());
eventStoreContract('the event log in a file (SQLite)', () => inFile());
eventStoreContract('the event log of two processes (SQLite)', () => inFile(undefined, { inTwoProcesses: true }));
eventStoreContract('the event log with gaps between positions (SQLite)', () => inFile(sparse));
