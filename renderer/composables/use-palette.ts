import { computed, type ComputedRef } from 'vue'
import { languages } from '../../contract/app/language.ts'
import { viewKeys } from '../model/view-keys.ts'
import { useFleet } from '../stores/fleet.ts'
import { useHubs } from '../stores/hubs.ts'
import { useNavigation } from '../stores/navigation.ts'
import { useNotices } from '../stores/notices.ts'
import { themes, usePreferences } from '../stores/preferences.ts'
import { languageNames } from '../text/i18n.ts'
import { commandKey } from './platform.ts'
import { useDeviceCommands } from './use-device-commands.ts'
import { useHubNames } from './use-hub-names.ts'
import { useText } from './use-text.ts'

/** One line of the palette. */
export interface PaletteCommand {
  /** Also found by: English, whatever the window speaks. */
  readonly id: string
  readonly label: string
  readonly keys?: string
  /** Why it cannot be done now, in words. */
  readonly disabledReason?: string | undefined
  readonly run: () => void
}

export interface PaletteGroup {
  readonly name: 'selection' | 'go' | 'hub' | 'window'
  readonly commands: readonly PaletteCommand[]
}

/** Everything that can be done from anywhere in the window, by what it is about. */
export function usePalette(): ComputedRef<readonly PaletteGroup[]> {
  const selection = useDeviceCommands()
  const go = useGoCommands()
  const hub = useHubCommands()
  const inWindow = useWindowCommands()
  return computed(() => [
    { name: 'selection', commands: selection.value },
    { name: 'go', commands: go.value },
    { name: 'hub', commands: hub.value },
    { name: 'window', commands: inWindow.value },
  ])
}

function useGoCommands() {
  const { t } = useText()
  const navigation = useNavigation()
  const fleet = useFleet()
  const hubs = useHubs()
  return computed((): readonly PaletteCommand[] => [
    ...viewKeys.map(([view, key]) => ({
      id: `go ${view}`,
      label: t('palette.goTo', { view: t(`rail.${view}`) }),
      keys: commandKey + key,
      disabledReason: navigation.view === view ? t('palette.isShown') : undefined,
      run: () => (navigation.view = view),
    })),
    {
      id: 'refresh',
      label: t('palette.refresh'),
      keys: 'F5',
      disabledReason: hubs.selected?.state.kind === 'ready' ? undefined : t('palette.notReady'),
      run: () => void fleet.refresh(),
    },
  ])
}

function useHubCommands() {
  const { t } = useText()
  const { nameOf } = useHubNames()
  const hubs = useHubs()
  const navigation = useNavigation()
  const notices = useNotices()
  return computed((): readonly PaletteCommand[] => {
    const { selected } = hubs
    const ofSelected = selected && [
      {
        id: 'hub settings',
        label: t('hubSettings.menu', { name: nameOf(selected) }),
        run: () => (navigation.dialog = { kind: 'hub-settings', hubId: selected.hubId }),
      },
      {
        id: 'jobs',
        label: t('jobs.open'),
        run: () => (navigation.dialog = { kind: 'jobs', hubId: selected.hubId, hubName: selected.name }),
      },
    ]
    return [
      ...hubs.hubs.map((hub) => ({
        id: `hub ${hub.hubId}`,
        label: t('palette.switchTo', { name: nameOf(hub) }),
        disabledReason: hub.hubId === selected?.hubId ? t('palette.isShown') : undefined,
        run: () => void notices.attempt(hubs.select(hub.hubId)),
      })),
      ...(ofSelected ?? []),
      { id: 'add hub', label: t('hub.add'), run: () => (navigation.dialog = { kind: 'add-hub' }) },
    ]
  })
}

function useWindowCommands() {
  const { t } = useText()
  const navigation = useNavigation()
  const preferences = usePreferences()
  const inUse = (isUsed: boolean): string | undefined => (isUsed ? t('palette.inUse') : undefined)
  return computed((): readonly PaletteCommand[] => [
    ...themes.map((theme) => ({
      id: `theme ${theme}`,
      label: t('palette.theme', { theme: t(`settings.${theme}`) }),
      disabledReason: inUse(preferences.theme === theme),
      run: () => (preferences.theme = theme),
    })),
    ...languages.map((language) => ({
      id: `language ${language}`,
      label: t('palette.language', { language: languageNames[language] }),
      disabledReason: inUse(preferences.language === language),
      run: () => (preferences.language = language),
    })),
    { id: 'mapping', label: t('mapping.menu'), run: () => (navigation.dialog = { kind: 'mapping' }) },
  ])
}
