import { createHub } from '../hub/hub.ts'
import type { Hub } from '../hub/hub.ts'
import type { DeviceLink, MethodCall } from '../hub/presence.ts'
import { FakeClock } from './fake-clock.ts'

/** A hub without protocols, on a clock of the test. */
export function newHub(queryLagMs = 0, mostIdentities?: number): Hub & { readonly clock: FakeClock } {
  const clock = new FakeClock()
  const room = mostIdentities === undefined ? {} : { mostIdentities }
  return { ...createHub({ clock, queryLagMs, ...room }), clock }
}

export function addDevice(hub: Hub, deviceId: string): void {
  hub.registry.create(deviceId, { status: 'enabled', statusReason: undefined })
}

export interface FakeLink extends DeviceLink {
  readonly calls: readonly MethodCall[]
  readonly desired: readonly unknown[]
  readonly isDisconnected: boolean
  acceptsMethods: boolean
}

/** A connected device that remembers what reached it. */
export function connectFake(hub: Pick<Hub, 'presence'>, deviceId: string, acceptsMethods = true): FakeLink {
  const calls: MethodCall[] = []
  const desired: unknown[] = []
  const link = {
    calls,
    desired,
    acceptsMethods,
    isDisconnected: false,
    deliverMethod: (call: MethodCall) => void calls.push(call),
    deliverDesired: (patch: unknown, version: number) => void desired.push({ patch, version }),
    disconnect() {
      link.isDisconnected = true
      hub.presence.detach(deviceId, link)
    },
  }
  hub.presence.attach(deviceId, link)
  return link
}
