/** What moves the cursor, changes the terminal, ends a line, or turns the text beside it (UAX #9). */
const CONTROL = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** A text as one harmless line for a terminal or a log: control characters come out as their code, `\u001b`. */
export const printable = (text: string): string =>
  text.replaceAll(CONTROL, one => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The message of an error, harmless as well. Its own line ends stay: a wrong configuration is told in several lines. */
export const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n').map(printable).join('\n');
