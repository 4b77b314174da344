import { expect, test } from 'vitest'
import type { Durability } from './durability.ts'
import { Outgoing } from './outgoing.ts'

/** A disk whose writes end when the test says so. */
function disk() {
  let write: PromiseWithResolvers<undefined> | undefined
  const durability: Durability = { settled: () => write?.promise.then(() => undefined) }
  return {
    durability,
    begin: () => {
      write = Promise.withResolvers()
    },
    end: async () => {
      write?.resolve(undefined)
      write = undefined
      await new Promise(setImmediate)
    },
    fail: async () => {
      write?.reject(new Error('no space left'))
      await new Promise(setImmediate)
    },
  }
}

function outgoing(durability: Durability) {
  const sent: string[] = []
  const out = new Outgoing(durability, () => sent.push('closed'))
  const send = (text: string) => {
    out.run(() => void sent.push(text))
  }
  return { sent, send }
}

test('what depends on nothing goes out at once', () => {
  const { sent, send } = outgoing(disk().durability)
  send('a')
  expect(sent).toEqual(['a'])
})

test('what depends on a change goes out when it is kept, and nothing overtakes it', async () => {
  const { durability, begin, end } = disk()
  const { sent, send } = outgoing(durability)
  begin()
  send('a')
  await new Promise(setImmediate)
  expect(sent).toEqual([])
  const ended = end()
  send('b')
  expect(sent).toEqual([])
  await ended
  expect(sent).toEqual(['a', 'b'])
  send('c')
  expect(sent).toEqual(['a', 'b', 'c'])
})

test('another connection does not wait for this one', async () => {
  const { durability, begin, end } = disk()
  const [one, other] = [outgoing(durability), outgoing(durability)]
  begin()
  one.send('a')
  const ended = end()
  other.send('b')
  expect([one.sent, other.sent]).toEqual([[], ['b']])
  await ended
})

test('what cannot be kept never goes out: the connection is closed', async () => {
  const { durability, begin, fail } = disk()
  const { sent, send } = outgoing(durability)
  begin()
  send('a')
  await fail()
  expect(sent).toEqual(['closed'])
})
