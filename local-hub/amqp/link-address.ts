import type { DeviceIdentity } from '../hub/device-identity.ts'

/** What the address of a link stands for. https://learn.microsoft.com/azure/iot-hub/iot-hub-amqp-support */
export type Node =
  | { readonly kind: 'claims' }
  | { readonly kind: 'cloudToDevice' }
  | { readonly kind: 'feedback' }
  | { readonly kind: 'fileNotifications' }
  | { readonly kind: 'eventsRedirect' }
  | { readonly kind: 'eventsManagement' }
  | { readonly kind: 'eventsPartition'; readonly partition: PartitionAddress }
  | { readonly kind: DeviceNodeKind; readonly identity: DeviceIdentity }

/** What a device reads and writes; all but `deviceBound` are there for modules, too. */
export type DeviceNodeKind = 'telemetry' | 'deviceBound' | 'twin' | 'methods'

export interface PartitionAddress {
  /** Name of the event hub. */
  readonly entity: string
  readonly consumerGroup: string
  readonly partitionId: string
}

/** In lower case, for the service does not care. */
const fixed = new Map<string, Node>([
  ['$cbs', { kind: 'claims' }],
  ['$management', { kind: 'eventsManagement' }],
  ['messages/devicebound', { kind: 'cloudToDevice' }],
  ['messages/servicebound/feedback', { kind: 'feedback' }],
  ['messages/servicebound/filenotifications', { kind: 'fileNotifications' }],
])

const deviceNodes = new Map<string, DeviceNodeKind>([
  ['messages/events', 'telemetry'],
  ['messages/devicebound', 'deviceBound'],
  ['twin', 'twin'],
  ['methods/devicebound', 'methods'],
])

const deviceNode = /^devices\/([^/]+)(?:\/modules\/([^/]+))?\/(.+)$/i
const partition = /^([^/]+)\/consumergroups\/([^/]+)\/partitions\/([^/]+)$/i

/** `undefined` for an address that this hub has no node for. */
export function parseLinkAddress(address: string): Node | undefined {
  const path = address.replace(/^[a-z]+:\/\/[^/]*/i, '').replace(/^\//, '')
  const lower = path.toLowerCase()
  const known = fixed.get(lower)
  if (known) return known
  if (/^messages\/events(\/|$)/.test(lower)) return { kind: 'eventsRedirect' }
  return deviceNodeOf(path) ?? partitionNodeOf(path)
}

/** Whether it is what modules would receive messages at. */
export function isModuleAddress(to: string): boolean {
  const node = parseLinkAddress(to)
  return node?.kind === 'deviceBound' && node.identity.moduleId !== undefined
}

/** The device that a cloud-to-device message is for; `undefined` for anything else. */
export function deviceOfMessageAddress(to: string): string | undefined {
  const node = parseLinkAddress(to)
  return node?.kind === 'deviceBound' && node.identity.moduleId === undefined
    ? node.identity.deviceId
    : undefined
}

function deviceNodeOf(path: string): Node | undefined {
  const [, deviceId, moduleId, rest = ''] = (deviceNode.exec(path) ?? []).map(decode)
  const kind = deviceNodes.get(rest.toLowerCase())
  return kind && deviceId !== undefined ? { kind, identity: { deviceId, moduleId } } : undefined
}

function partitionNodeOf(path: string): Node | undefined {
  const [, entity, consumerGroup, partitionId] = (partition.exec(path) ?? []).map(decode)
  if (entity === undefined || consumerGroup === undefined || partitionId === undefined) return undefined
  return { kind: 'eventsPartition', partition: { entity, consumerGroup, partitionId } }
}

/** The SDKs escape ids; a malformed escape stands for itself, as an id may contain `%`. */
function decode(part: string | undefined): string | undefined {
  if (part === undefined) return undefined
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
