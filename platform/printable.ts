/** Characters that move the cursor, change the terminal, end a line, or turn the text beside them (UAX #9). */
const CONTROL = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** A text as one harmless line for a terminal or a log: control characters become their code, `\u001b`. */
export const printable = (text: string): string =>
  text.replaceAll(CONTROL, one => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);

/**
 * The harmless message of an error. Its own line ends stay, because a wrong configuration is reported in several lines.
 */
export const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n').map(printable).join('\n');
