/** What is wrong with a URL of a Redis, in words that do not repeat it, nor the password in it. */
export function faultIn(url: string): string | undefined {
  const { protocol, hostname } = URL.parse(url) ?? {};
  return hostname && ['redis:', 'rediss:'].includes(protocol!)
    ? undefined
    : 'is not a URL such as redis://user:password@host:6379; rediss:// is with TLS';
}
