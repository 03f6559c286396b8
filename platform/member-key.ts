import { Unavailable } from '../core/errors.ts';
import { open, type Sealed, type SubjectKey, type SubjectKeys } from '../core/sealed.ts';
import { Problem } from './problem.ts';

/** The key of a member who acts now. @throws Problem 401 for an erased one, Unavailable where it cannot be had */
export async function memberKey(keys: SubjectKeys, memberId: string): Promise<SubjectKey> {
  const key = await keys.keyFor(memberId);
  if (key === 'erased') throw new Problem(401, 'token-invalid', 'this account is gone');
  if (!key) throw new Unavailable(`there is no key for ${memberId}`);
  return key;
}

/** What a sealed field says; nothing where its member was erased. @throws Unavailable where the key cannot be had */
export async function reveal<T>(keys: SubjectKeys, field: string, sealed: Sealed | undefined): Promise<T | undefined> {
  if (!sealed) return undefined;
  const key = await keys.keyFor(sealed.subject);
  if (key === 'erased') return undefined;
  if (!key) throw new Unavailable(`there is no key for ${sealed.subject}`);
  return open<T>(key, field, sealed);
}
