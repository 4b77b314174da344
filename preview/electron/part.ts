/**
 * Some of the members of one of Electron's types, exactly as Electron types them.
 * Only that events can be listened to is checked of `on` and `once`: their overloads list events that the look-alike never emits.
 */
export type Part<T, K extends keyof T> = {
  [P in K]: P extends 'on' | 'once' ? (event: never, listener: never) => unknown : T[P]
}
