import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { limits } from './limits.ts';
import { newcomer, stage } from './testing.ts';

const MINUTE = 60;
const HOME = '203.0.113.7';
const AWAY = '198.51.100.9';
const tooMany = (retryAfter: number) => ({ code: 429, type: 'too-many-attempts', data: { problem: true, retryAfter } });

function counted(t: TestContext) {
  const { keys, keyValue, pass } = stage(t);
  const limit = limits({ keys, keyValue });
  const wrong = async (times: number, email: string, address: string | undefined) => {
    for (let n = 0; n < times; n++) await limit.wrong({ email, address });
  };
  const may = (email: string, address: string | undefined) => limit.requireLogin({ email, address });
  return { limit, wrong, may, pass };
}

describe('D-14: wrong passwords', () => {
  test('are ten for one e-mail from one address in a quarter of an hour, and no lock for ever', async t => {
    const { wrong, may, pass } = counted(t);
    await wrong(9, 'mina', HOME);
    await may('mina', HOME);
    pass(5 * MINUTE);
    await wrong(1, 'mina', HOME);
    await assert.rejects(may('mina', HOME), tooMany(10 * MINUTE));
    await may('mina', AWAY);
    await may('jun', HOME);
    pass(10 * MINUTE - 1);
    await assert.rejects(may('mina', HOME), tooMany(1));
    pass(1);
    await may('mina', HOME);
    await wrong(9, 'mina', HOME);
    await may('mina', HOME);
  });

  test('are forgiven by the right one, to the member and not to the address', async t => {
    const { limit, wrong, may } = counted(t);
    for (let round = 0; round < 11; round++) {
      await wrong(9, 'mallory', HOME);
      await may('mallory', HOME);
      await limit.right({ email: 'mallory', address: HOME });
    }
    await wrong(1, 'jun', HOME);
    await assert.rejects(may('sora', HOME), tooMany(15 * MINUTE));
    await may('sora', AWAY);
  });

  test('from everywhere lock a member out only where that member was never logged in', async t => {
    const { limit, wrong, may } = counted(t);
    await limit.right({ email: 'mina', address: HOME });
    for (let n = 0; n < 100; n++) await wrong(1, 'mina', `192.0.2.${n}`);
    await assert.rejects(may('mina', AWAY), tooMany(15 * MINUTE));
    await may('mina', HOME);
    await may('jun', AWAY);
  });

  test('of this machine itself are counted by the e-mail alone: it may speak for everybody', async t => {
    const { wrong, may } = counted(t);
    for (let n = 0; n < 150; n++) await wrong(1, `member ${n}`, '127.0.0.1');
    await may('mina', '127.0.0.1');
    await wrong(5, 'mina', '::1');
    await wrong(5, 'mina', '::ffff:127.0.0.1');
    for (const address of ['127.0.0.1', '::1', undefined]) await assert.rejects(may('mina', address), tooMany(900));
  });

  test('are counted by the half of an IPv6 address that one customer has', async t => {
    const { wrong, may } = counted(t);
    const same = ['2001:db8::1', '2001:db8:0:0:1:2:3:4', '2001:db8::', '2001:db8::9:1%eth0'];
    for (const address of [...same, ...same, '2001:db8::7', '2001:db8::8']) await wrong(1, 'mina', address);
    for (const address of same) await assert.rejects(may('mina', address), tooMany(900));
    for (const address of ['2001:db8:0:1::1', '2001:db9::1', '::1:2:3:4:5', 'fe80::1']) await may('mina', address);
    await wrong(10, 'jun', '::ffff:203.0.113.7');
    await assert.rejects(may('jun', HOME), tooMany(900));
  });

  test('of the same moment are all counted', async t => {
    const { limit, may } = counted(t);
    const attempt = { email: 'mina', address: HOME };
    await Promise.all(Array.from({ length: 10 }, () => limit.wrong(attempt)));
    await assert.rejects(may('mina', HOME), tooMany(900));
  });

  test('in the end keep the right one from being looked at, whether there is such a member or not', async t => {
    const { node, pass } = stage(t);
    const ask = await node();
    const { email, password, nickname } = newcomer();
    await ask('register', { email, password, nickname });
    for (const [tried, after] of [
      [email, password],
      ['nobody@example.org', password],
    ] as const) {
      const login = (given: string, address = HOME) => ask('login', { email: tried, password: given }, { address });
      for (let n = 0; n < 10; n++) {
        await assert.rejects(login('not this one'), { code: 401, type: 'invalid-credentials' });
      }
      await assert.rejects(login(after), tooMany(900));
    }
    assert.equal((await ask('login', { email, password }, { address: AWAY })).body.member.nickname, nickname);
    pass(15 * MINUTE);
    assert.equal((await ask('login', { email, password }, { address: HOME })).body.member.nickname, nickname);
  });
});

describe('new members', () => {
  test('are thirty from one address in an hour; this machine is not counted', async t => {
    const { limit, pass } = counted(t);
    for (let n = 0; n < 30; n++) {
      await limit.requireRegistration(HOME);
      await limit.registered(HOME);
      for (let local = 0; local < 2; local++) await limit.registered('127.0.0.1');
    }
    await assert.rejects(limit.requireRegistration(HOME), tooMany(60 * MINUTE));
    await limit.requireRegistration(AWAY);
    await limit.requireRegistration('127.0.0.1');
    pass(60 * MINUTE);
    await limit.requireRegistration(HOME);
  });

  test('are counted where they register, and a repeated answer is none', async t => {
    const { node, keys, keyValue } = stage(t);
    const ask = await node();
    const limit = limits({ keys, keyValue });
    for (let n = 0; n < 29; n++) await limit.registered(HOME);
    const meta = { address: HOME, idempotencyKey: 'k' };
    const mina = newcomer();
    const first = await ask('register', mina, meta);
    await assert.rejects(ask('register', newcomer(), { address: HOME }), tooMany(3600));
    assert.deepEqual((await ask('register', mina, meta)).body.member, first.body.member);
    assert.equal((await ask('register', newcomer(), { address: AWAY })).body.member.status, 'active');
  });
});

describe('a registration that comes again', () => {
  test('is a try at the password: wrong ones lock the account, and then the right one is answered no otherwise', async t => {
    const { node, pass } = stage(t);
    const ask = await node();
    const mina = newcomer();
    const meta = { address: HOME, idempotencyKey: 'k' };
    const { body } = await ask('register', mina, meta);
    const wrong = { ...mina, password: 'not this one' };
    for (let n = 0; n < 10; n++) {
      await assert.rejects(ask('register', wrong, meta), { code: 422, type: 'idempotency-key-reused' });
    }
    await assert.rejects(ask('register', wrong, meta), tooMany(900));
    await assert.rejects(ask('register', mina, meta), tooMany(900));
    await assert.rejects(ask('login', { email: mina.email, password: mina.password }, meta), tooMany(900));
    pass(15 * MINUTE);
    assert.deepEqual((await ask('register', mina, meta)).body.member, body.member);
  });

  test('is refused where log-ins were tried too often, and forgives them with the right password', async t => {
    const { node } = stage(t);
    const ask = await node();
    const mina = newcomer();
    const meta = { address: HOME, idempotencyKey: 'k' };
    await ask('register', mina, meta);
    const login = () => ask('login', { email: mina.email, password: 'not this one' }, meta);
    for (let n = 0; n < 9; n++) await assert.rejects(login(), { code: 401 });
    await ask('register', mina, meta);
    for (let n = 0; n < 10; n++) await assert.rejects(login(), { code: 401 });
    await assert.rejects(ask('register', mina, meta), tooMany(900));
  });
});

describe('whether a name is taken', () => {
  test('is told sixty times in a quarter of an hour to one network, this machine among them', async t => {
    const { node, pass } = stage(t);
    const ask = await node();
    const mina = newcomer();
    await ask('register', mina);
    for (const address of [HOME, '127.0.0.1']) {
      const askName = (which: 'email' | 'nickname') =>
        ask('register', { ...newcomer(), [which]: mina[which] }, { address });
      for (let n = 0; n < 30; n++) {
        for (const which of ['email', 'nickname'] as const) {
          await assert.rejects(askName(which), { code: 409, type: `${which}-taken` });
        }
      }
      for (const which of ['email', 'nickname'] as const) await assert.rejects(askName(which), tooMany(900));
      await assert.rejects(ask('register', newcomer(), { address }), tooMany(900));
    }
    await assert.rejects(ask('register', { ...newcomer(), email: mina.email }, { address: AWAY }), { code: 409 });
    pass(15 * MINUTE);
    assert.equal((await ask('register', newcomer(), { address: HOME })).body.member.status, 'active');
  });

  test('costs nothing where it is not', async t => {
    const { keys, keyValue } = stage(t);
    const limit = limits({ keys, keyValue });
    for (let n = 0; n < 200; n++) {
      await limit.beginRegistration('127.0.0.1');
      await limit.registered('127.0.0.1');
    }
  });
});

test('twenty callers at once keep no member out: neither from another network, nor where that one has logged in before', async t => {
  const { node } = stage(t);
  const ask = await node();
  const mina = newcomer();
  await ask('register', mina, { address: HOME });
  const { email, password } = mina;
  for (const address of [AWAY, HOME]) {
    const callers = Array.from({ length: 20 }, (_, n) =>
      ask('login', { email: `nobody-${n}@example.org`, password }, { address }),
    );
    const settled = Promise.allSettled(callers);
    assert.equal((await ask('login', { email, password }, { address: HOME })).body.member.nickname, mina.nickname);
    const refused = (await settled).map(one => one.status === 'rejected' && (one.reason as { code: number }).code);
    assert.ok(refused.filter(code => code === 503).length >= 10, 'the queue was full');
  }
});

test('members have turns of their own at the hashing where they have logged in before', async t => {
  const { keys, keyValue } = stage(t);
  const limit = limits({ keys, keyValue });
  await limit.right({ email: 'mina', address: HOME });
  assert.deepEqual(await limit.shareOf({ email: 'mina', address: HOME }), ['known', HOME, 'mina']);
  assert.deepEqual(await limit.shareOf({ email: 'mina', address: AWAY }), ['new', AWAY, 'mina']);
  assert.deepEqual(await limit.shareOf({ email: 'jun', address: '::1' }), ['new', '', 'jun']);
});
