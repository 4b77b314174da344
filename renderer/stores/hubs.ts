import { defineStore } from 'pinia'
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import type { HubProfile, HubSettings, NewHub } from '../../contract/app/hub.ts'
import type { HubId } from '../../contract/app/ids.ts'
import { follow } from '../api/follow.ts'
import { useLink } from '../api/client.ts'
import type { ShownProblem } from '../model/problem.ts'

/** The hubs that the app knows, and the one that is looked at. */
export const useHubs = defineStore('hubs', () => {
  const { client, lost } = useLink()
  const hubs = shallowRef<readonly HubProfile[]>([])
  const selectedId = ref<HubId>()
  const isLoaded = ref(false)
  const isLost = ref(false)
  const problem = shallowRef<ShownProblem>()

  const stop = follow((signal) => client.hubs.list({}, signal), {
    onValue: (list) => {
      hubs.value = list.hubs
      selectedId.value = list.selected
      isLoaded.value = true
    },
    onProblem: (found) => (problem.value = found),
  })
  onScopeDispose(stop)
  void lost.then(() => (isLost.value = true))

  return {
    hubs,
    isLoaded,
    isLost,
    problem,
    selected: computed(() => hubs.value.find(({ hubId }) => hubId === selectedId.value)),
    add: (hub: NewHub) => client.hubs.add(hub),
    select: (hubId: HubId) => client.hubs.select({ hubId }),
    remove: (hubId: HubId) => client.hubs.remove({ hubId }),
    configure: (hubId: HubId, settings: HubSettings) => client.hubs.configure({ hubId, settings }),
  }
})
