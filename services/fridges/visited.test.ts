import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FridgeRow, visitedBy } from './visited.ts';

const settings = { fridgeId: 'f1', name: 'ours', timeZone: 'Asia/Seoul', dueSoonDays: 5 };
const places = [{ place: 'fridge', kind: 'fridge' as const }];
const row = (members: FridgeRow['members']): FridgeRow => ({ ...settings, places, members });
const mina = { memberId: 'mina', role: 'owner' } as const;
const jun = { memberId: 'jun', role: 'guest' } as const;

test('a member sees a fridge with the role that its view has now, and nobody else sees it', () => {
  assert.deepEqual(visitedBy('jun', row([mina, jun])), { ...settings, places, role: 'guest' });
  assert.deepEqual(visitedBy('jun', row([mina, { ...jun, role: 'adult' }]))?.role, 'adult');
  assert.equal(visitedBy('jun', row([mina])), undefined);
  assert.equal(visitedBy('jun', undefined), undefined);
});
