import { defineStore } from 'pinia'
import { onScopeDispose, shallowRef } from 'vue'
import type { MappedDialect } from '../../contract/app/mapping.ts'
import { useLink } from '../api/client.ts'
import { follow } from '../api/follow.ts'
import type { ShownProblem } from '../model/problem.ts'

/** The families of devices that the person's own mapping file describes. */
export const useDialects = defineStore('dialects', () => {
  const { client } = useLink()
  const list = shallowRef<readonly MappedDialect[]>([])
  const problem = shallowRef<ShownProblem>()
  const leave = follow((signal) => client.dialects.list({}, signal), {
    onValue: (value) => (list.value = value),
    onProblem: (found) => (problem.value = found),
  })
  onScopeDispose(leave)
  return { list, problem, open: () => client.dialects.open({}) }
})
