import type { DeviceIdentity } from '../hub/device-identity.ts'
import { HubError } from '../hub/hub-error.ts'
import { authenticateService, assertRight } from '../security/authorize.ts'
import { authenticateDeviceCertificate, authenticateDeviceToken } from '../security/device-access.ts'
import type { DeviceAccess } from '../security/device-access.ts'
import type { ClientCertificate } from '../security/client-certificate.ts'
import type { Policy } from '../security/policies.ts'
import { isSignedBy, parseSasToken } from '../security/sas-token.ts'
import type { SasToken } from '../security/sas-token.ts'
import { isTestToken } from '../security/test-token.ts'

export interface ClaimsOptions extends DeviceAccess {
  /** The `Bearer` token that is accepted, if any. */
  readonly testToken: string | undefined
  /** What the client showed when it connected. */
  readonly certificate: ClientCertificate | undefined
}

/** Tokens that one connection may have: one for each of a gateway's devices. */
const mostTokens = 1000

/** Longer than any of Entra ID, and than any audience. */
const longestToken = 16 * 1024
const longestAudience = 1024

interface Token {
  readonly text: string
  /** Milliseconds since the epoch, Infinity for never. */
  readonly expiresAt: number
}

const deviceResource = /^[^/]+\/devices\/([^/]+)(?:\/modules\/([^/]+))?$/
const eventsResource = /^sb:\/\/([^/:]+)(?::\d+)?\/(.*)$/

/** Names under which the Event Hubs compatible endpoint can be reached, besides the name of the hub. */
const loopbackNames = ['localhost', '127.0.0.1']

/** The tokens of one connection, judged anew for each link: they expire, and devices come and go. */
export class Claims {
  readonly #options: ClaimsOptions
  readonly #tokens = new Map<string, Token>()

  constructor(options: ClaimsOptions) {
    this.#options = options
  }

  /** Whether the client has not said who it is, in any way. */
  get isAnonymous(): boolean {
    return this.#tokens.size === 0 && this.#options.certificate === undefined
  }

  /**
   * Takes a token that is good for anything at all; a newer one for the same audience replaces it. Throws
   * IotHubUnauthorizedAccess, IotHubMaxCbsTokenExceeded.
   */
  put(audience: string, text: string): void {
    const isShort = audience.length <= longestAudience && text.length <= longestToken
    const expiresAt = isShort ? this.#expiryOf(text) : undefined
    if (expiresAt === undefined) throw new HubError('IotHubUnauthorizedAccess', 'Unauthorized')
    if (this.#tokens.size >= mostTokens && !this.#tokens.has(audience)) {
      const words = `The maximum number of tokens per connection (${mostTokens}) has been reached.`
      throw new HubError('IotHubMaxCbsTokenExceeded', words)
    }
    this.#tokens.set(audience, { text, expiresAt })
  }

  /** Forgets what has expired; answers when the next one does, Infinity for never. */
  forgetExpired(): number {
    let next = Infinity
    for (const [audience, { expiresAt }] of this.#tokens) {
      if (expiresAt <= this.#options.hub.clock.now()) this.#tokens.delete(audience)
      else next = Math.min(next, expiresAt)
    }
    return next
  }

  /** For a service node; throws IotHubUnauthorizedAccess, IotHubForbidden. */
  assertService(path: string): void {
    const policies = this.#texts().flatMap((text) => this.#policyOf(text, path) ?? [])
    this.#assertAnyConnects(policies)
  }

  /** For a node of the Event Hubs compatible endpoint; throws IotHubUnauthorizedAccess, IotHubForbidden. */
  assertEvents(path: string): void {
    const policies = this.#texts().flatMap((text) => this.#eventsPolicyOf(text, path) ?? [])
    this.#assertAnyConnects(policies)
  }

  /** For a node of a device; throws IotHubUnauthorizedAccess. Answers how the device proved who it is. */
  assertDevice(identity: DeviceIdentity): 'sas' | 'x509' {
    if (authenticateDeviceCertificate(this.#options, identity, this.#options.certificate)) return 'x509'
    if (this.#texts().some((text) => authenticateDeviceToken(this.#options, identity, text) !== undefined))
      return 'sas'
    throw new HubError('IotHubUnauthorizedAccess', 'Unauthorized')
  }

  #texts(): readonly string[] {
    return [...this.#tokens.values()].map(({ text }) => text)
  }

  #assertAnyConnects(policies: readonly Policy[]): void {
    const [first] = policies
    if (!first) throw new HubError('IotHubUnauthorizedAccess', 'Unauthorized')
    if (policies.some(({ rights }) => rights.has('ServiceConnect'))) return
    assertRight(first, 'ServiceConnect')
  }

  #expiryOf(text: string): number | undefined {
    if (isTestToken(text, this.#options.testToken)) return Infinity
    const token = parseSasToken(text)
    if (!token) return undefined
    if (eventsResource.test(token.resource)) return this.#eventsPolicyOf(text, undefined) && token.expiresAt
    const [, deviceId, moduleId] = deviceResource.exec(token.resource) ?? []
    if (deviceId === undefined) return this.#hubPolicyOf(text, token) && token.expiresAt
    const decoded = {
      deviceId: decode(deviceId),
      moduleId: moduleId === undefined ? undefined : decode(moduleId),
    }
    const candidates = [decoded, { deviceId, moduleId }]
    return candidates.map((identity) => authenticateDeviceToken(this.#options, identity, text)).find(Boolean)
  }

  /** The policy of a token for the hub, or for a part of it. */
  #hubPolicyOf(text: string, { resource }: SasToken): Policy | undefined {
    const slash = resource.indexOf('/')
    return this.#policyOf(text, slash === -1 ? '' : resource.slice(slash))
  }

  #policyOf(text: string, path: string): Policy | undefined {
    const { policies, hostName, hub, testToken } = this.#options
    const request = { authorization: text, resource: hostName + path, now: hub.clock.now(), testToken }
    try {
      return authenticateService(policies, request)
    } catch (error) {
      if (error instanceof HubError) return undefined
      throw error
    }
  }

  /** Event Hubs takes the key as it is written, not what it encodes. An absent path means the token's own. */
  #eventsPolicyOf(text: string, path: string | undefined): Policy | undefined {
    const { policies, hub, testToken } = this.#options
    if (isTestToken(text, testToken)) return policies.get('iothubowner')
    const token = parseSasToken(text)
    const policy = token?.keyName === undefined ? undefined : policies.get(token.keyName)
    if (!token || !policy || token.expiresAt <= hub.clock.now()) return undefined
    const isValid =
      this.#coversEvents(token, path) && isSignedBy(token, Buffer.from(policy.key).toString('base64'))
    return isValid ? policy : undefined
  }

  #coversEvents({ resource }: SasToken, path: string | undefined): boolean {
    const [, host = '', scope = ''] = eventsResource.exec(resource) ?? []
    const isHere = [this.#options.hostName, ...loopbackNames].includes(host.toLowerCase())
    if (!isHere || path === undefined) return isHere
    const trimmed = scope.replace(/\/+$/, '')
    return trimmed === '' || path === trimmed || path.startsWith(`${trimmed}/`)
  }
}

/** A malformed escape stands for itself. */
function decode(id: string): string {
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}
