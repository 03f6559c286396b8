import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes a fresh self-signed certificate for a host name, and its key, into a folder. Fresh ones keep keys out of the
 * repository and never expire.
 */
export function makeCertificate(folder: string, host: string): { cert: string; key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(set(sequence(COMMON_NAME, der(UTF8, Buffer.from(host)))));
  const body = sequence(
    der(EXPLICIT_0, der(INTEGER, Buffer.from([2]))), // version 3
    der(INTEGER, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_SHA256,
    name,
    sequence(der(TIME, Buffer.from('20200101000000Z')), der(TIME, Buffer.from('21000101000000Z'))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(EXPLICIT_3, sequence(sequence(ALT_NAME, der(OCTETS, sequence(der(DNS_NAME, Buffer.from(host))))))),
  );
  const signature = der(BITS, Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]));
  const pem = sequence(body, ECDSA_SHA256, signature)
    .toString('base64')
    .replace(/(.{64})/g, '$1\n');
  const files = { cert: join(folder, `${host}.crt`), key: join(folder, `${host}.key`) };
  writeFileSync(files.cert, `-----BEGIN CERTIFICATE-----\n${pem}\n-----END CERTIFICATE-----\n`);
  writeFileSync(files.key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return files;
}

// ASN.1 in DER, just enough for one certificate (RFC 5280).
const INTEGER = 0x02;
const BITS = 0x03;
const OCTETS = 0x04;
const IDENTIFIER = 0x06;
const UTF8 = 0x0c;
const TIME = 0x18;
const DNS_NAME = 0x82;
const EXPLICIT_0 = 0xa0;
const EXPLICIT_3 = 0xa3;

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: Buffer[]): Buffer => der(0x30, Buffer.concat(parts));
const set = (...parts: Buffer[]): Buffer => der(0x31, Buffer.concat(parts));

const COMMON_NAME = der(IDENTIFIER, Buffer.from('550403', 'hex'));
const ALT_NAME = der(IDENTIFIER, Buffer.from('551d11', 'hex'));
const ECDSA_SHA256 = sequence(der(IDENTIFIER, Buffer.from('2a8648ce3d040302', 'hex')));
