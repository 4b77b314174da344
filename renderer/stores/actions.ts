import { defineStore } from 'pinia'
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import type { ActionSummary, NewAction } from '../../contract/app/action.ts'
import type { PreflightRequest } from '../../contract/app/preflight.ts'
import type { Target, TargetsChange } from '../../contract/app/target.ts'
import type { ActionId } from '../../contract/app/ids.ts'
import { useLink, type AppClient } from '../api/client.ts'
import { follow } from '../api/follow.ts'
import type { ShownProblem } from '../model/problem.ts'
import { isRunning, settledCount } from '../model/action-progress.ts'
import { addSample, type Sample } from '../model/progress-rate.ts'

/** All actions, and the targets of the one that is open. */
export const useActions = defineStore('actions', () => {
  const { client } = useLink()
  const summaries = shallowRef<readonly ActionSummary[]>([])
  const listProblem = shallowRef<ShownProblem>()
  const opening = openTargets(client)
  const rates = observeRates()

  const leave = follow((signal) => client.actions.list({}, signal), {
    // An action id sorts by the time at which the action was made: the newest comes first.
    onValue: (list) => {
      summaries.value = list.toSorted((a, b) => (a.actionId < b.actionId ? 1 : -1))
      rates.observe(list)
    },
    onProblem: (problem) => (listProblem.value = problem),
  })
  onScopeDispose(leave)

  return {
    ...opening,
    summaries,
    listProblem,
    /** How far a running action was lately. */
    samplesOf: (actionId: ActionId): readonly Sample[] => rates.samples.value.get(actionId) ?? [],
    opened: computed(() => summaries.value.find(({ actionId }) => actionId === opening.openId.value)),
    running: computed(() => summaries.value.filter(isRunning)),
    preflight: (request: PreflightRequest, signal?: AbortSignal) => client.actions.preflight(request, signal),
    start: (action: NewAction) => client.actions.start(action),
    cancel: (actionId: ActionId) => client.actions.cancel({ actionId }),
    pause: (actionId: ActionId) => client.actions.pause({ actionId }),
    resume: (actionId: ActionId) => client.actions.resume({ actionId }),
    approve: (actionId: ActionId) => client.actions.approve({ actionId }),
    retryFailed: (actionId: ActionId) => client.actions.retryFailed({ actionId }),
    checkAgain: (actionId: ActionId) => client.actions.checkAgain({ actionId }),
  }
})

/** How far each running action was in the last minutes. */
function observeRates() {
  const samples = shallowRef<ReadonlyMap<ActionId, readonly Sample[]>>(new Map())
  return {
    samples,
    observe: (list: readonly ActionSummary[]): void => {
      const atMs = Date.now()
      samples.value = new Map(
        list.filter(isRunning).map((action) => {
          const known = samples.value.get(action.actionId) ?? []
          return [action.actionId, addSample(known, { atMs, settled: settledCount(action) })]
        }),
      )
    },
  }
}

/** The targets of one action at a time: they are followed until another action is opened. */
function openTargets(client: AppClient) {
  const openId = ref<ActionId>()
  const targets = shallowRef<readonly Target[]>([])
  const isReading = ref(false)
  const problem = shallowRef<ShownProblem>()
  const byDevice = new Map<string, Target>()
  let leave: (() => void) | undefined
  onScopeDispose(() => leave?.())

  function apply(change: TargetsChange): void {
    if (change.isReset) byDevice.clear()
    for (const target of change.targets) byDevice.set(target.deviceId, target)
    targets.value = [...byDevice.values()]
    isReading.value = false
  }

  function fail(found: ShownProblem): void {
    problem.value = found
    isReading.value = false
  }

  function open(actionId: ActionId): void {
    if (openId.value === actionId && !problem.value) return
    leave?.()
    byDevice.clear()
    targets.value = []
    problem.value = undefined
    openId.value = actionId
    isReading.value = true
    const watchTargets = (signal: AbortSignal) => client.actions.targets({ actionId }, signal)
    leave = follow(watchTargets, { onValue: apply, onProblem: fail })
  }

  return { openId, targets, isReading, problem, open }
}
