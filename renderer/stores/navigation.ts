import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { ActionKind } from '../../contract/app/action.ts'
import type { ActionId, DeviceId, HubId } from '../../contract/app/ids.ts'
import { useActions } from './actions.ts'

/** What is to be done, to which devices. */
export interface CommandRequest {
  readonly kind: ActionKind
  readonly hubId: HubId
  readonly hubName: string
  readonly deviceIds: readonly DeviceId[]
}

/** Dialogs carry what they are about: it stays what it was when the person opened them. */
export type OpenDialog =
  | CommandRequest
  | { readonly kind: 'add-hub' }
  | { readonly kind: 'remove-hub'; readonly hubId: HubId; readonly name: string }

/** Where in the window the person is. */
export const useNavigation = defineStore('navigation', () => {
  const actions = useActions()
  const view = ref<'fleet' | 'activity'>('fleet')
  const isDrawerOpen = ref(false)
  const dialog = shallowRef<OpenDialog>()

  return {
    view,
    isDrawerOpen,
    dialog,
    /** Shows an action beside the devices that it is about. */
    showAction: (actionId: ActionId) => {
      actions.open(actionId)
      if (view.value === 'fleet') isDrawerOpen.value = true
    },
    closeDialog: () => (dialog.value = undefined),
  }
})
