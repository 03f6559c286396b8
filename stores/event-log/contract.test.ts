import { sparse } from '../../core/event-store/contract/sparse.ts';
import { eventStoreContract } from '../../core/event-store/contract.ts';
import { inFile, inMemory } from './testing/open-sqlite.ts';

eventStoreContract('the event log in memory (SQLite)', () => inMemory());
eventStoreContract('the event log in a file (SQLite)', () => inFile());
eventStoreContract('the event log of two processes (SQLite)', () => inFile(undefined, { inTwoProcesses: true }));
eventStoreContract('the event log with gaps between positions (SQLite)', () => inFile(sparse));
