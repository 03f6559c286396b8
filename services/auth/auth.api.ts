import { z } from 'zod';
import { timeZoneOf } from '../../domain/dates.ts';
import { language, line } from '../../platform/fields.ts';
import { named } from '../../platform/joint.ts';
import { nothing, route } from '../../platform/route.ts';
import { isMisleading } from './names.ts';

const email = z
  .string()
  .max(254)
  .transform(value => value.normalize('NFC').trim())
  .pipe(z.email('is not an e-mail address'));
// Each lone surrogate would be hashed as the same replacement character.
const whole = (text: string): boolean => text.isWellFormed();
const anyPassword = z.string().max(200).refine(whole, 'has half of a character in it');
const password = anyPassword.min(8, 'needs at least 8 characters');
const nickname = line(20, 2).refine(
  name => !isMisleading(name),
  'has characters in it that cannot be seen or turn their neighbours',
);

const timeZone = z
  .string()
  .max(64)
  .refine(name => timeZoneOf(name) !== undefined, 'is not a time zone')
  .transform(name => timeZoneOf(name)!)
  .default('Asia/Seoul');

const member = z.object({
  memberId: z.string(),
  email: z.string().optional(),
  nickname: z.string().optional(),
  language,
  status: z.enum(['pending', 'active', 'withdrawn']),
  revision: z.int(),
});
const tokens = z.object({ member, accessToken: z.string(), expiresIn: z.int().describe('seconds') });

export const authApi = named('auth', {
  register: route('POST /auth/register', {
    summary: 'Make an account, with a first fridge',
    access: 'public',
    session: 'begins',
    status: 201,
    input: z.strictObject({
      email,
      password,
      nickname,
      language: language.default('ko'),
      timeZone,
    }),
    output: tokens,
  }),
  login: route('POST /auth/login', {
    summary: 'Log in with a password',
    access: 'public',
    keyed: false,
    session: 'begins',
    input: z.strictObject({ email: z.string().max(254), password: anyPassword }),
    output: tokens,
  }),
  refresh: route('POST /auth/refresh', {
    summary: 'Change the refresh cookie for a new one and an access token',
    access: 'public',
    keyed: false,
    session: 'goes on',
    input: z.strictObject({}),
    output: tokens,
  }),
  logout: route('POST /auth/logout', {
    summary: 'End this session on every node',
    status: 204,
    keyed: false,
    session: 'ends',
    input: z.strictObject({}),
    output: nothing,
  }),
  me: route('GET /members/me', { summary: 'My profile', input: z.strictObject({}), output: member }),
});
