import type { ISubscription } from 'mqtt-packet'
import type { DeviceIdentity } from '../hub/device-identity.ts'
import type { Subscription } from '../hub/sessions.ts'
import { parseSubscription } from './topics.ts'

/** There are fewer topics to subscribe to. */
const mostFilters = 5

const cloudToDevice: readonly Subscription[] = ['cloudToDevice', 'cloudToDeviceQos0']

/** `undefined` for a filter that IoT Hub does not document, for none (MQTT 3.1.1, 3.8.3-3), and for too many. */
export function parseSubscriptions(
  filters: readonly ISubscription[],
  identity: DeviceIdentity,
): readonly Subscription[] | undefined {
  const wanted = filters.flatMap(({ topic, qos }) => parseSubscription(topic, identity, qos) ?? [])
  const isWhole = wanted.length === filters.length && wanted.length > 0 && wanted.length <= mostFilters
  return isWhole ? wanted : undefined
}

/** A subscription takes the place of the one to the same topics with another QoS. */
export function withSubscriptions(
  subscriptions: ReadonlySet<Subscription>,
  added: readonly Subscription[],
): ReadonlySet<Subscription> {
  let result = subscriptions
  for (const one of added) result = new Set([...withoutSubscriptions(result, [one]), one])
  return result
}

/** Whatever their QoS. */
export function withoutSubscriptions(
  subscriptions: ReadonlySet<Subscription>,
  removed: readonly Subscription[],
): ReadonlySet<Subscription> {
  const gone = removed.flatMap((one) => (isCloudToDevice(one) ? cloudToDevice : [one]))
  return new Set([...subscriptions].filter((one) => !gone.includes(one)))
}

/** `undefined` without a subscription. */
export function cloudToDeviceQos(subscriptions: ReadonlySet<Subscription>): 0 | 1 | undefined {
  if (subscriptions.has('cloudToDevice')) return 1
  return subscriptions.has('cloudToDeviceQos0') ? 0 : undefined
}

export function isCloudToDevice(subscription: Subscription): boolean {
  return cloudToDevice.includes(subscription)
}
