const ZERO = '\0';
const ESCAPE = '\x01';
const ESCAPED_ZERO = '\x01\x01';
const ESCAPED_ESCAPE = '\x01\x02';

/**
 * A text as it is stored. PostgreSQL, on which FerretDB stands, holds no zero character: it is escaped so that the order
 * by bytes stays the same.
 */
export const stored = (text: string): string => text.replaceAll(ESCAPE, ESCAPED_ESCAPE).replaceAll(ZERO, ESCAPED_ZERO);

export const restored = (text: string): string =>
  text.replaceAll(ESCAPED_ZERO, ZERO).replaceAll(ESCAPED_ESCAPE, ESCAPE);
