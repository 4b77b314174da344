import device from 'azure-iot-device'
import type { Clock } from '../ports/clock.ts'
import type { HubIdentity } from '../ports/hub-identity.ts'

type Place = Pick<HubIdentity, 'hostName' | 'deviceId' | 'gatewayHostName'>

/** What the SDK shows to a hub: a token that it renews, or a certificate. */
export function toAuthenticationProvider(identity: HubIdentity, clock: Pick<Clock, 'now'>) {
  const { credentials } = identity
  if (credentials.kind === 'key') return new KeyInTime(identity, credentials.key, clock)
  const { chain: cert, privateKey: key } = credentials.certificate
  return new device.X509AuthenticationProvider({ ...toCredentials(identity), x509: { cert, key } })
}

/** The SDK's own, whose tokens expire an hour from now by the machine's clock; these do by the agent's. */
class KeyInTime extends device.SharedAccessKeyAuthenticationProvider {
  readonly #clock: Pick<Clock, 'now'>

  constructor(place: Place, key: string, clock: Pick<Clock, 'now'>) {
    super({ ...toCredentials(place), sharedAccessKey: key })
    this.#clock = clock
  }

  protected override _sign(
    resource: string,
    expiry: number,
    done: (error: Error, signature?: string) => void,
  ): void {
    const correctionSeconds = Math.round((this.#clock.now() - Date.now()) / 1000)
    super._sign(resource, expiry + correctionSeconds, done)
  }
}

function toCredentials({ hostName, deviceId, gatewayHostName }: Place) {
  return { host: hostName, deviceId, ...(gatewayHostName !== undefined && { gatewayHostName }) }
}
