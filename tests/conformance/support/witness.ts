import { closeDevice, connectDevice, handleMethod } from './device.ts'
import { invoke } from './service.ts'
import type { Service } from './service.ts'
import type { Target } from './target.ts'

/** A genuine device that works all the while, whatever is done to the hub. */
export interface Witness {
  /** Throws when the device does not answer, or has been disconnected. */
  assertUnharmed(): Promise<void>
  close(): Promise<void>
}

export async function openWitness(
  target: Pick<Target, 'ca' | 'gateway'>,
  service: Service,
  deviceId: string,
): Promise<Witness> {
  const { client } = await connectDevice(target, service, deviceId)
  await handleMethod(client, 'echo', (payload) => ({ status: 200, payload }))
  let disconnections = 0
  client.on('disconnect', () => (disconnections += 1))
  return {
    async assertUnharmed() {
      if (disconnections > 0) throw new Error('The genuine device was disconnected.')
      await invoke(service, deviceId, { name: 'echo', payload: 1, responseSeconds: 5 })
    },
    close: () => closeDevice(client),
  }
}
