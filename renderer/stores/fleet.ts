import { defineStore } from 'pinia'
import { computed, markRaw, onScopeDispose, shallowRef, watch } from 'vue'
import type { FleetChange, FleetState } from '../../contract/app/device.ts'
import type { HubId } from '../../contract/app/ids.ts'
import { useLink } from '../api/client.ts'
import { follow } from '../api/follow.ts'
import { toProblem, type ShownProblem } from '../model/problem.ts'
import { applyChange, emptyRows, findRow } from '../model/fleet-rows.ts'
import { useHubs } from './hubs.ts'

/** The devices of the selected hub, kept up to date while the window is open. */
export const useFleet = defineStore('fleet', () => {
  const { client } = useLink()
  const hubs = useHubs()
  const { apply, clear, fail, ...shown } = rowsOfOneHub()
  const selectedId = computed(() => hubs.selected?.hubId)
  const readableId = computed(() => (hubs.selected?.state.kind === 'ready' ? hubs.selected.hubId : undefined))
  let followedId: HubId | undefined
  let leave: (() => void) | undefined

  function start(hubId: HubId): void {
    leave?.()
    followedId = hubId
    leave = follow((signal) => client.devices.watch({ hubId }, signal), {
      onValue: apply,
      onProblem: (problem) => {
        followedId = undefined
        fail(problem)
      },
    })
  }

  watch(selectedId, () => {
    leave?.()
    followedId = undefined
    clear()
  })
  watch(
    readableId,
    (hubId) => {
      if (hubId !== undefined && hubId !== followedId) start(hubId)
    },
    { immediate: true },
  )
  onScopeDispose(() => leave?.())

  /** Reads the fleet again; follows it anew when the watch has ended. */
  async function refresh(): Promise<void> {
    const hubId = readableId.value
    if (hubId === undefined) return
    if (hubId !== followedId) start(hubId)
    else await client.devices.refresh({ hubId }).catch((error: unknown) => fail(toProblem(error)))
  }

  return { ...shown, refresh }
})

/** Versions count up with every change: what reads the rows depends on them instead of on a proxy of each row. */
function rowsOfOneHub() {
  const rows = markRaw(emptyRows())
  const contentVersion = shallowRef(0)
  const structureVersion = shallowRef(0)
  const size = shallowRef(0)
  const onlineCount = shallowRef(0)
  const state = shallowRef<FleetState>({ kind: 'loading', loaded: 0 })

  function publish(next: FleetState, hasNewStructure: boolean): void {
    state.value = next
    size.value = rows.list.length
    onlineCount.value = rows.list.reduce((count, row) => count + (row.isConnected ? 1 : 0), 0)
    if (hasNewStructure) structureVersion.value++
    contentVersion.value++
  }

  return {
    rows,
    contentVersion,
    structureVersion,
    size,
    onlineCount,
    state,
    find: (deviceId: string) => findRow(rows, deviceId),
    apply: (change: FleetChange) => {
      publish(change.state, applyChange(rows, change))
    },
    clear: () => {
      Object.assign(rows, emptyRows())
      publish({ kind: 'loading', loaded: 0 }, true)
    },
    fail: (problem: ShownProblem) => {
      const asOf = state.value.kind === 'loading' ? undefined : state.value.asOf
      state.value = { kind: 'failed', problem, ...(asOf === undefined ? {} : { asOf }) }
    },
  }
}
