import { HubError } from './hub-error.ts'
import { isJsonObject, parseJson } from './json.ts'
import type { JsonObject } from './json.ts'

/** What a device reports, whatever the protocol. Throws IotHubFormatError. */
export function parseReport(body: Uint8Array): JsonObject {
  try {
    const patch = parseJson(body)
    if (isJsonObject(patch)) return patch
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
  }
  throw new HubError('IotHubFormatError', 'The reported properties should be a JSON object')
}
