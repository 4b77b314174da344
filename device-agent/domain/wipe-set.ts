import { posix } from 'node:path'

/** What a factory reset empties, and what it must never touch. All are absolute paths. */
export interface WipeSet {
  /** Folders that are emptied, and files that are removed. */
  readonly wipe: readonly string[]
  /** What stays although it is in one of those folders. */
  readonly keep: readonly string[]
}

/** What of the agent itself a wipe must not reach. */
export interface OwnPaths {
  readonly stateFolder: string
  /** What the device signs in with. */
  readonly identityFiles: readonly string[]
}

/** A machine without these, or what is in them, does not start any more, or the agent does not. */
const vital = [
  ...['/bin', '/boot', '/dev', '/lib', '/lib64', '/proc', '/run', '/sbin', '/sys', '/usr'],
  ...['/etc/drover-agent', '/opt/drover-agent', '/var/lib/drover-agent'],
]

/** What a machine reaches its network with, on the systems that the agent is made for. */
const networkPaths = [
  ...['/etc/NetworkManager', '/etc/netplan', '/etc/network', '/etc/systemd/network', '/etc/wpa_supplicant'],
  ...['/etc/resolv.conf', '/var/lib/iwd', '/var/lib/connman'],
]

/** Says why a path must not be wiped; undefined when it may. */
export function problemOfWipe(
  path: string,
  { stateFolder }: Pick<OwnPaths, 'stateFolder'>,
): string | undefined {
  if (clean(path) === '/') return 'names the whole disk'
  if (overlaps(path, stateFolder)) return "touches the agent's own record, without which it cannot finish"
  const touched = vital.find((other) => overlaps(path, other))
  return touched && `touches ${touched}, without which the machine or its agent does not start`
}

/** What a reset leaves in place, in words for a person. */
export function keptBy(set: WipeSet, { identityFiles }: Pick<OwnPaths, 'identityFiles'>): string[] {
  const isKept = (path: string) => !isWiped(set, path)
  return [
    ...(identityFiles.every(isKept) ? ['identity'] : []),
    ...(networkPaths.every(isKept) ? ['network'] : []),
    ...set.keep.map(clean),
  ]
}

/** Whether a reset removes this path, or something in it. */
function isWiped({ wipe, keep }: WipeSet, path: string): boolean {
  if (keep.some((kept) => isWithin(path, kept))) return false
  return wipe.some((wiped) => overlaps(path, wiped))
}

/** Whether both are the same, or one is in the other. */
function overlaps(path: string, other: string): boolean {
  return isWithin(path, other) || isWithin(other, path)
}

/** Whether `path` is `folder` or something in it. */
export function isWithin(path: string, folder: string): boolean {
  const [inner, outer] = [clean(path), clean(folder)]
  return inner === outer || outer === '/' || inner.startsWith(`${outer}/`)
}

function clean(path: string): string {
  const normal = posix.normalize(path)
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal
}
