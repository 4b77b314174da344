import type { ActionSummary } from '../../contract/app/action.ts'
import type { Policy } from '../../contract/app/policy.ts'
import { agentReport } from './fakes.ts'
import { Scene } from './scene.ts'

/** One device first, then four, then the rest. */
export const canary: Policy['waves'] = [
  { unit: 'devices', count: 1 },
  { unit: 'devices', count: 4 },
]

export function fleet(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `pump-${index}`)
}

export const holding =
  (kind: string) =>
  ({ hold }: ActionSummary): boolean =>
    hold?.kind === kind

/** A scene whose devices reboot, or refuse to. */
export class CampaignScene extends Scene {
  /** Who was asked, in the order of the questions. */
  get asked(): string[] {
    return this.hub.calls.map(({ deviceId }) => deviceId)
  }

  /** Devices that reboot, except for the named ones, which refuse. */
  async openWith(names: readonly string[], refusing: readonly string[] = []): Promise<void> {
    for (const name of names) {
      if (refusing.includes(name))
        this.hub.add(name, { reported: agentReport(), answer: () => ({ status: 403, payload: null }) })
      else this.addWilling(name)
    }
    await this.open()
    await this.readFleet()
  }
}
