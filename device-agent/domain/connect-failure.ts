/** What kept the agent from its hub: what it does next depends on it. */
export type ConnectFailure = 'refused' | 'clock' | 'absent' | 'network'

/**
 * By the words of MQTT.js and of OpenSSL: the SDK keeps nothing else, and calls all of them "not authorized". A hub
 * answers a token that is not valid yet, or no more, like one that is wrong.
 */
const words: readonly (readonly [ConnectFailure, RegExp])[] = [
  ['clock', /certificate is not yet valid|certificate has expired|CERT_NOT_YET_VALID|CERT_HAS_EXPIRED/],
  ['refused', /Connection refused: (Not authorized|Bad username or password|Identifier rejected)/],
  ['refused', /refuses this device/],
  ['absent', /ENOTFOUND/],
]

export function failureOf(error: unknown): ConnectFailure {
  const text = error instanceof Error ? error.message : String(error)
  return words.find(([, pattern]) => pattern.test(text))?.[0] ?? 'network'
}
