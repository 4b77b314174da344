import { expect, test } from 'vitest'
import { memoryStore } from './adapters/memory-store.ts'
import { newBell } from './bell.ts'
import { emptyState, type AgentState } from './domain/agent-state.ts'
import { NotDurable, openLedger } from './ledger.ts'
import { settle } from './testing/fake-clock.ts'

const one: AgentState = { ...emptyState, unreported: ['one'] }
const two: AgentState = { ...emptyState, unreported: ['two'] }

/** A store whose writes end when they are told to. */
function slowStore() {
  const inner = memoryStore()
  const writes: PromiseWithResolvers<undefined>[] = []
  return {
    ...inner,
    writes,
    async save(state: AgentState) {
      const write = Promise.withResolvers<undefined>()
      writes.push(write)
      await write.promise
      await inner.save(state)
    },
  }
}

test('a ledger starts with what is stored', async () => {
  const store = memoryStore()
  await store.save(one)
  expect((await openLedger(store)).state).toEqual(one)
})

test('nobody sees a change before it is durable', async () => {
  const store = slowStore()
  const bell = newBell()
  const ledger = await openLedger(store, bell)
  let isDone = false
  const changed = bell.rung()
  const change = ledger
    .change(() => ({ next: one }))
    .then(() => {
      isDone = true
    })
  await settle()
  expect([isDone, ledger.state]).toEqual([false, emptyState])
  store.writes[0]?.resolve(undefined)
  await Promise.all([change, changed])
  expect(ledger.state).toEqual(one)
})

test('a decision is made on what the one before it has made durable', async () => {
  const store = slowStore()
  const ledger = await openLedger(store)
  const seen: AgentState[] = []
  const decide = (next: AgentState) => (state: AgentState) => {
    seen.push(state)
    return { next }
  }
  const changes = [ledger.change(decide(one)), ledger.change(decide(two))]
  await settle()
  expect(seen).toEqual([emptyState])
  store.writes[0]?.resolve(undefined)
  await settle()
  expect(seen).toEqual([emptyState, one])
  store.writes[1]?.resolve(undefined)
  await Promise.all(changes)
  expect(ledger.state).toEqual(two)
})

test('a change that cannot be written is an error to who wanted it, and the record stays', async () => {
  let isFull = true
  const inner = memoryStore()
  const store = {
    ...inner,
    save: (s: AgentState) => (isFull ? Promise.reject(new Error('full')) : inner.save(s)),
  }
  const ledger = await openLedger(store)
  await expect(ledger.change(() => ({ next: one }))).rejects.toThrow(new NotDurable('full'))
  expect(ledger.state).toEqual(emptyState)
  isFull = false
  await ledger.change(() => ({ next: two }))
  expect(ledger.state).toEqual(two)
})

test('a decision that changes nothing writes nothing', async () => {
  const store = slowStore()
  const ledger = await openLedger(store)
  expect(await ledger.change((): { next?: AgentState; answer: number } => ({ answer: 7 }))).toEqual({
    answer: 7,
  })
  await ledger.change((state) => ({ next: state }))
  expect(store.writes).toHaveLength(0)
})

test('a closed ledger has written what was under way, and refuses the rest', async () => {
  const store = slowStore()
  const ledger = await openLedger(store)
  const change = ledger.change(() => ({ next: one }))
  const closed = ledger.close()
  await settle()
  store.writes[0]?.resolve(undefined)
  await Promise.all([change, closed])
  expect(await store.load()).toEqual(one)
  await expect(ledger.change(() => ({ next: two }))).rejects.toThrow('closed')
})
