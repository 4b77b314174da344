import type { RawTarget } from '../../../local-hub/testing/raw-device.ts'
import type { HubAddress } from './hub-address.ts'

/** Where a device connects that speaks MQTT packet by packet, with the key of its connection string. */
export function rawTarget(address: HubAddress, connectionString: string): RawTarget {
  return { ...address, deviceConnectionString: () => connectionString }
}
