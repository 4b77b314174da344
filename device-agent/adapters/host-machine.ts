import type { Machine } from '../ports/machine.ts'
import { linuxMachine, wayToRebootLinux } from './linux-machine.ts'
import { macMachine, wayToRebootMac } from './mac-machine.ts'
import type { SystemParts } from './system-parts.ts'
import { windowsMachine, wayToRebootWindows } from './windows-machine.ts'

/** The machine under the agent. One of an unknown system has no boot id that could be read, and proves nothing. */
export interface Host {
  readonly machine: Machine
  /** The way in which a reboot would be ordered first; undefined when there is none. */
  readonly wayToReboot: string | undefined
}

export function hostOf(parts: SystemParts): Host {
  switch (parts.platform) {
    case 'win32':
      return { machine: windowsMachine(parts), wayToReboot: wayToRebootWindows(parts) }
    case 'darwin':
      return { machine: macMachine(parts), wayToReboot: wayToRebootMac(parts) }
    default:
      return { machine: linuxMachine(parts), wayToReboot: wayToRebootLinux(parts) }
  }
}
