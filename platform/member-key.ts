import { Unavailable } from '../core/errors.ts';
import { open, type Sealed, type SubjectKey, type SubjectKeys } from '../core/sealed.ts';
import { Problem } from './problem.ts';

/** The key of the acting member. @throws Problem 401 if the member was erased, Unavailable if the key cannot be read */
export async function memberKey(keys: SubjectKeys, memberId: string): Promise<SubjectKey> {
  const key = await keys.keyFor(memberId);
  if (key === 'erased') throw new Problem(401, 'token-invalid', 'this account is gone');
  if (!key) throw new Unavailable(`there is no key for ${memberId}`);
  return key;
}

/** The value of a sealed field; undefined if its member was erased. @throws Unavailable if the key cannot be read */
export async function reveal<T>(keys: SubjectKeys, field: string, sealed: Sealed | undefined): Promise<T | undefined> {
  if (!sealed) return undefined;
  const key = await keys.keyFor(sealed.subject);
  if (key === 'erased') return undefined;
  if (!key) throw new Unavailable(`there is no key for ${sealed.subject}`);
  return open<T>(key, field, sealed);
}
