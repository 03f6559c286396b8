import { z } from 'zod';
import { timeZoneOf } from '../../domain/dates.ts';
import { language, line } from '../../platform/fields.ts';
import { type Api, nothing, route } from '../../platform/route.ts';

const email = z
  .string()
  .max(254)
  .transform(value => value.normalize('NFC').trim())
  .pipe(z.email('is not an e-mail address'));
const password = z.string().min(8, 'needs at least 8 characters').max(200);

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

export const authApi = {
  register: route('POST /auth/register', {
    summary: 'Make an account, with a first fridge',
    access: 'public',
    status: 201,
    input: z.strictObject({
      email,
      password,
      nickname: line(20, 2),
      language: language.default('ko'),
      timeZone,
    }),
    output: tokens,
  }),
  login: route('POST /auth/login', {
    summary: 'Log in with a password',
    access: 'public',
    input: z.strictObject({ email: z.string().max(254), password: z.string().max(200) }),
    output: tokens,
  }),
  refresh: route('POST /auth/refresh', {
    summary: 'Change the refresh cookie for a new one and an access token',
    access: 'public',
    input: z.strictObject({}),
    output: tokens,
  }),
  logout: route('POST /auth/logout', {
    summary: 'End this session on every node',
    status: 204,
    input: z.strictObject({}),
    output: nothing,
  }),
  me: route('GET /members/me', { summary: 'My profile', input: z.strictObject({}), output: member }),
} satisfies Api;
