import { defineStore } from 'pinia'
import { ref, shallowRef, watch } from 'vue'
import type { ActionKind, CampaignKind } from '../../contract/app/parameters.ts'
import type { CampaignFile } from '../../contract/app/campaign-file.ts'
import type { ActionId, DeviceId, HubId } from '../../contract/app/ids.ts'
import type { View } from '../model/view-keys.ts'
import { useActions } from './actions.ts'

/** What is to be done, to which devices. */
export interface CommandRequest {
  readonly kind: ActionKind
  readonly hubId: HubId
  readonly hubName: string
  readonly deviceIds: readonly DeviceId[]
  /** The filter that all of them match, which the person had typed. */
  readonly query?: string
  /** What the form starts with: a campaign that was opened from a file or cloned. */
  readonly campaign?: CampaignFile
}

/** What was kept before a factory reset, for those that have come back from it. */
export interface RestoreRequest extends CommandRequest {
  readonly kind: 'restore'
  readonly resetId: ActionId
}

/** Dialogs carry what they are about: it stays what it was when the person opened them. */
export type OpenDialog =
  | (CommandRequest & { readonly kind: CampaignKind })
  | RestoreRequest
  | { readonly kind: 'palette' }
  | { readonly kind: 'add-hub' }
  | { readonly kind: 'hub-settings'; readonly hubId: HubId }
  | { readonly kind: 'jobs'; readonly hubId: HubId; readonly hubName: string }
  | { readonly kind: 'mapping' }
  | { readonly kind: 'remove-hub'; readonly hubId: HubId; readonly name: string }

/** Where in the window the person is. */
export const useNavigation = defineStore('navigation', () => {
  const actions = useActions()
  const view = ref<View>('fleet')
  /** The action whose records the journal shows; all of them when there is none. */
  const journalOf = ref<ActionId>()
  const isDrawerOpen = ref(false)
  const dialog = shallowRef<OpenDialog>()
  const dialogNumber = ref(0)
  watch(dialog, () => (dialogNumber.value += 1), { flush: 'sync' })

  return {
    view,
    isDrawerOpen,
    dialog,
    /** Another one for each dialog: one that is replaced by another of its kind starts anew. */
    dialogNumber,
    /** Shows an action beside the devices that it is about. */
    showAction: (actionId: ActionId) => {
      actions.open(actionId)
      if (view.value === 'fleet') isDrawerOpen.value = true
      else view.value = 'activity'
    },
    showJournal: (actionId: ActionId) => {
      journalOf.value = actionId
      view.value = 'journal'
    },
    journalOf,
    closeDialog: () => (dialog.value = undefined),
  }
})
