import type { z } from 'zod'

type Schema = z.ZodType

export interface Call<I extends Schema = Schema, O extends Schema = Schema> {
  readonly kind: 'call'
  readonly input: I
  readonly output: O
}

export interface Watch<I extends Schema = Schema, V extends Schema = Schema> {
  readonly kind: 'watch'
  readonly input: I
  readonly value: V
}

export type Endpoint = Call | Watch
export type Contract = Readonly<Record<string, Readonly<Record<string, Endpoint>>>>

/** Ask once, get one answer. */
export function call<I extends Schema, O extends Schema>(input: I, output: O): Call<I, O> {
  return { kind: 'call', input, output }
}

/** Follow a value: the current one first, then every later one, until the watcher leaves. */
export function watch<I extends Schema, V extends Schema>(input: I, value: V): Watch<I, V> {
  return { kind: 'watch', input, value }
}

/** What the host must provide for a contract. The signal is aborted when the caller leaves. */
export type Handlers<C extends Contract> = { [G in keyof C]: { [N in keyof C[G]]: Handler<C[G][N]> } }

type Handler<E> =
  E extends Call<infer I, infer O>
    ? (input: z.output<I>, signal: AbortSignal) => Promise<z.input<O>>
    : E extends Watch<infer I, infer V>
      ? (input: z.output<I>, signal: AbortSignal) => AsyncIterable<z.input<V>>
      : never

/** What the user interface gets for the same contract. */
export type Client<C extends Contract> = { [G in keyof C]: { [N in keyof C[G]]: Method<C[G][N]> } }

type Method<E> =
  E extends Call<infer I, infer O>
    ? (input: z.input<I>, signal?: AbortSignal) => Promise<z.output<O>>
    : E extends Watch<infer I, infer V>
      ? (input: z.input<I>, signal?: AbortSignal) => AsyncIterable<z.output<V>>
      : never
