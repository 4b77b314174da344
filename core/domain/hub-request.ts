import type { Json, JsonObject } from './json.ts'

/** Merge patches of the sections of a twin that a back end writes: null removes. */
export interface TwinSections {
  readonly desired?: JsonObject
  readonly tags?: JsonObject
}

/** What the hub is asked to do for one device. */
export type HubRequest =
  | {
      readonly type: 'method'
      readonly methodName: string
      readonly payload: Json
      readonly responseTimeoutMs: number
    }
  | {
      readonly type: 'patch'
      readonly sections: TwinSections
      /** Only while the twin is as it was when it had this etag; undefined for any version of it. */
      readonly etag?: string | undefined
    }

/** What came back: from the device for a method, from the hub for a patch. */
export type HubAnswer =
  | { readonly type: 'method'; readonly status: number; readonly payload: Json; readonly at: string }
  | { readonly type: 'patch'; readonly version: number; readonly at: string }
