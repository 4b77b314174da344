/** Writes one event. Fields never hold a key, a token or a connection string. */
export type Log = (event: string, fields?: Readonly<Record<string, string | number | boolean>>) => void
