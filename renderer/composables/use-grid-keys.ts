import { actionKeys } from '../model/action-keys.ts'
import { selectOnly, selectTo, toggle } from '../model/selection.ts'
import { useDeviceView } from '../stores/device-view.ts'
import { useNavigation } from '../stores/navigation.ts'
import { hasCommandKey, keyOf } from './platform.ts'
import type { DeviceCommand } from './use-device-commands.ts'

export interface GridKeyOptions {
  readonly commands: () => readonly DeviceCommand[]
  readonly pageRows: () => number
  readonly reveal: (position: number) => void
  readonly openMenu: () => void
}

type KeyTable = Readonly<Record<string, (event: KeyboardEvent) => void>>

/** What the keyboard does in the device grid. The returned function takes a keydown. */
export function useGridKeys(options: GridKeyOptions): (event: KeyboardEvent) => void {
  const tables = { moves: useMoves(options), ...useCommandKeys(options) }
  return (event) => {
    const act = actFor(event, tables)
    if (!act) return
    event.preventDefault()
    act(event)
  }
}

function useMoves({ pageRows, reveal }: GridKeyOptions): KeyTable {
  const view = useDeviceView()

  function position(): number {
    const { active } = view.selection
    return active === undefined ? -1 : view.shown.positionOf(active)
  }

  function moveTo(target: number, event: KeyboardEvent): void {
    const to = Math.max(0, Math.min(view.shown.length - 1, target))
    const deviceId = view.shown.idAt(to)
    if (deviceId === undefined) return
    if (event.shiftKey) view.select(selectTo(view.selection, deviceId, { shown: view.shown }))
    else if (hasCommandKey(event)) view.select({ ...view.selection, active: deviceId })
    else view.select(selectOnly(deviceId))
    reveal(to)
  }

  return {
    ArrowDown: (event) => moveTo(position() + 1, event),
    ArrowUp: (event) => moveTo(position() - 1, event),
    PageDown: (event) => moveTo(position() + pageRows(), event),
    PageUp: (event) => moveTo(position() - pageRows(), event),
    Home: (event) => moveTo(0, event),
    End: (event) => moveTo(view.shown.length - 1, event),
  }
}

function useCommandKeys({ commands, openMenu }: GridKeyOptions): {
  readonly plain: KeyTable
  readonly held: KeyTable
} {
  const view = useDeviceView()
  const navigation = useNavigation()

  function run(id: DeviceCommand['id']): void {
    const command = commands().find((candidate) => candidate.id === id)
    if (command && command.disabledReason === undefined) command.run()
  }

  function toggleActive(): void {
    const { active } = view.selection
    if (active !== undefined) view.select(toggle(view.selection, active))
  }

  /** Escape goes one step back: what was chosen last is given up first. */
  function stepBack(): void {
    if (view.selection.deviceIds.size > 0) view.clearSelection()
    else if (view.filterText !== '') view.filterText = ''
    else navigation.isDrawerOpen = false
  }

  return {
    plain: {
      ' ': toggleActive,
      Enter: () => run('show-last'),
      ...Object.fromEntries(actionKeys.map(([kind, key]) => [key.toLowerCase(), () => run(kind)])),
      Escape: stepBack,
      ContextMenu: openMenu,
      'Shift+F10': openMenu,
    },
    held: { a: view.selectAll, c: () => run('copy-ids') },
  }
}

interface KeyTables {
  readonly moves: KeyTable
  readonly plain: KeyTable
  /** With Ctrl, or Cmd on a Mac. */
  readonly held: KeyTable
}

function actFor(event: KeyboardEvent, { moves, plain, held }: KeyTables): KeyTable[string] | undefined {
  if (event.altKey) return undefined
  const pressed = keyOf(event)
  const key = pressed.length === 1 ? pressed.toLowerCase() : pressed
  if (Object.hasOwn(moves, key)) return moves[key]
  const table = hasCommandKey(event) ? held : plain
  const name = event.shiftKey ? `Shift+${key}` : key
  return Object.hasOwn(table, name) ? table[name] : undefined
}
