import type { Json, JsonObject } from './json.ts'

/** What the hub is asked to do for one device. */
export type HubRequest =
  | {
      readonly type: 'method'
      readonly methodName: string
      readonly payload: Json
      readonly responseTimeoutMs: number
    }
  | { readonly type: 'patch'; readonly section: 'desired' | 'tags'; readonly patch: JsonObject }

/** What came back: from the device for a method, from the hub for a patch. */
export type HubAnswer =
  | { readonly type: 'method'; readonly status: number; readonly payload: Json; readonly at: string }
  | { readonly type: 'patch'; readonly version: number; readonly at: string }
