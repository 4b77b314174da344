import { computed } from 'vue'
import type { CampaignKind } from '../../contract/app/parameters.ts'
import type { DeviceId } from '../../contract/app/ids.ts'
import { actionKeys } from '../model/action-keys.ts'
import { useClipboard } from '../stores/clipboard.ts'
import { useDeviceView } from '../stores/device-view.ts'
import { useFleet } from '../stores/fleet.ts'
import { useHubs } from '../stores/hubs.ts'
import { useNavigation } from '../stores/navigation.ts'
import { useNotices } from '../stores/notices.ts'
import { commandKey } from './platform.ts'
import { useText } from './use-text.ts'

/** Something that can be done to the selected devices: the same in the menu, on the keyboard and in the strip. */
export interface DeviceCommand {
  readonly id: CampaignKind | 'show-last' | 'copy-ids'
  readonly label: string
  readonly keys: string
  /** Why it cannot be done now, in words. */
  readonly disabledReason: string | undefined
  readonly run: () => void
}

/** As much of a filter as the journal keeps. */
const longestQuery = 1024

export function useDeviceCommands() {
  const { t, tCount } = useText()
  const view = useDeviceView()
  const selected = computed((): readonly DeviceId[] => [...view.selection.deviceIds])
  const act = useDeviceActs()

  return computed((): readonly DeviceCommand[] => {
    const count = selected.value.length
    const noneReason = count === 0 ? t('action.noSelection') : undefined
    return [
      ...actionKeys.map(([kind, keys]) => ({
        id: kind,
        label: tCount(`action.${kind}`, Math.max(1, count)),
        keys,
        disabledReason: noneReason,
        run: () => act.ask(kind, selected.value),
      })),
      {
        id: 'show-last',
        label: t('action.showLast'),
        keys: 'Enter',
        disabledReason: noneReason ?? act.whyNoLastAction(selected.value),
        run: () => act.showLast(selected.value),
      },
      {
        id: 'copy-ids',
        label: tCount('action.copyIds', Math.max(1, count)),
        keys: `${commandKey}C`,
        disabledReason: noneReason,
        run: () => void act.copy(selected.value),
      },
    ]
  })
}

function useDeviceActs() {
  const { t } = useText()
  const fleet = useFleet()
  const hubs = useHubs()
  const view = useDeviceView()
  const navigation = useNavigation()
  const copy = useCopyIds()

  function lastActionOf(deviceIds: readonly DeviceId[]) {
    const [deviceId] = deviceIds
    return deviceId === undefined ? undefined : fleet.find(deviceId)?.lastAction
  }

  return {
    copy,
    ask: (kind: CampaignKind, deviceIds: readonly DeviceId[]): void => {
      const hub = hubs.selected
      // Devices that the filter hides were chosen before it was typed.
      const query = view.hiddenSelectedCount > 0 ? '' : view.filterText.trim().slice(0, longestQuery)
      const chosen = { deviceIds, ...(query === '' ? {} : { query }) }
      if (hub) navigation.dialog = { kind, hubId: hub.hubId, hubName: hub.name, ...chosen }
    },
    whyNoLastAction: (deviceIds: readonly DeviceId[]): string | undefined => {
      if (deviceIds.length > 1) return t('action.oneOnly')
      return lastActionOf(deviceIds) ? undefined : t('action.noLastAction')
    },
    showLast: (deviceIds: readonly DeviceId[]): void => {
      const last = lastActionOf(deviceIds)
      if (last) navigation.showAction(last.actionId)
    },
  }
}

/** Copies device ids, one a line, and says how many. */
export function useCopyIds(): (deviceIds: readonly DeviceId[]) => Promise<void> {
  const { tCount } = useText()
  const clipboard = useClipboard()
  const notices = useNotices()
  return async (deviceIds) => {
    const copied = clipboard.copy(deviceIds.join('\n'))
    await notices.attempt(copied.then(() => notices.say(tCount('action.copied', deviceIds.length))))
  }
}
