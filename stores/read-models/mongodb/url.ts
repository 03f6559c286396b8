const NONE = 'is not a URL such as mongodb://user:password@host:27017/zipbob';
const SHAPE = /^mongodb(\+srv)?:\/\/([^:@/?]+(:[^@/?]*)?@)?[^@/?]+(\/(?<database>[^/?@]*))?(\?.*)?$/;
const DEFAULT_DATABASE = 'zipbob';

/** What is wrong with a URL of a MongoDB, in words that do not repeat it, nor the password in it. */
export const faultIn = (url: string): string | undefined => (SHAPE.test(url) ? undefined : NONE);

export const databaseOf = (url: string): string =>
  decodeURIComponent(SHAPE.exec(url)?.groups?.database || DEFAULT_DATABASE);
