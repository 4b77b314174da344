import type { en } from './en.ts'
import type { enActions } from './en-actions.ts'

type Worded<T> = { readonly [K in keyof T]: T[K] extends string ? string : Worded<T[K]> }

/** What every language must say: the keys of English. */
export type Messages = Worded<typeof en>
export type ActionMessages = Worded<typeof enActions>
