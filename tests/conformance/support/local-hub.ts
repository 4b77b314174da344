import type { HubProcessOptions } from '../../../local-hub/hub-messages.ts'
import { startHubProcess } from './hub-process.ts'
import type { HubProcess } from './hub-process.ts'
import { openService } from './service.ts'
import type { Service } from './service.ts'
import { localTarget } from './target.ts'
import type { Target } from './target.ts'

/** A local hub that is set up for one test: the live hub cannot be told to behave like it. */
export interface LocalScene {
  readonly local: HubProcess
  readonly target: Target
  readonly service: Service
  close(): Promise<void>
}

export async function openLocalHub(options: HubProcessOptions = {}): Promise<LocalScene> {
  const local = await startHubProcess(options)
  const target = localTarget(local, '')
  const service = openService(target.connectionString, target.agent)
  return { local, target, service, close: () => target.close() }
}
