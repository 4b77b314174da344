import type { HubProcessOptions } from '../../../local-hub/hub-messages.ts'
import { openService } from './service.ts'
import type { Service } from './service.ts'
import { openTarget } from './target.ts'
import type { Target } from './target.ts'

/** The hub under test with its devices, which are deleted in the end: a live hub is left as it was found. */
export interface Scene {
  readonly target: Target
  readonly service: Service
  /** The id of a device of this run, always the same for the same name. */
  deviceId(name: string): string
  close(): Promise<void>
}

/** The options are those of the local hub; a live hub is as it is. */
export async function openScene(options: HubProcessOptions = {}): Promise<Scene> {
  const target = await openTarget(options)
  const service = openService(target.connectionString, target.agent)
  const ids = new Set<string>()
  return {
    target,
    service,
    deviceId(name) {
      const id = target.prefix + name
      ids.add(id)
      return id
    },
    async close() {
      for (const id of ids) await removeDevice(service, id)
      await target.close()
    },
  }
}

/** A test may have deleted it before, or never made it. */
async function removeDevice({ registry }: Service, deviceId: string): Promise<void> {
  try {
    await registry.delete(deviceId)
  } catch (error) {
    if (!(error instanceof Error && error.name === 'DeviceNotFoundError')) throw error
  }
}
