import type { en } from './en.ts'

type Worded<T> = { readonly [K in keyof T]: T[K] extends string ? string : Worded<T[K]> }

/** What every language must say: the keys of English. */
export type Messages = Worded<typeof en>
