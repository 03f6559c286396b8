import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

// A quarter of a second for each password adds up over all tests. REAL_PASSWORDS=1 keeps the real cost.
if (process.env.REAL_PASSWORDS !== '1') {
  const { scrypt } = crypto;
  crypto.scrypt = (password, salt, length, options, done) =>
    scrypt(password, salt, length, { ...options, N: 16, p: 1 }, done);
  syncBuiltinESMExports();
}
