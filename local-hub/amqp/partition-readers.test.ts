import { expect, test } from 'vitest'
import { PartitionReaders } from './partition-readers.ts'

function scene() {
  const readers = new PartitionReaders()
  const stolen: string[] = []
  const add = (name: string, ownerLevel?: number, place = 'group/0') =>
    readers.add(place, { ownerLevel, onStolen: () => stolen.push(name) })
  return { add, stolen }
}

test('five may share a partition, and each consumer group has its own five', () => {
  const { add, stolen } = scene()
  const leave = ['a', 'b', 'c', 'd', 'e'].map((name) => add(name))
  expect(() => add('f')).toThrow(/At most 5/)
  add('other', undefined, 'others/0')
  leave[0]?.()
  add('f')
  expect(stolen).toEqual([])
})

test('the reader of the highest owner level reads alone', () => {
  const { add, stolen } = scene()
  add('shares')
  add('first', 1)
  expect(stolen).toEqual(['shares'])
  expect(() => add('late')).toThrow(/higher owner level/)
  add('same', 1)
  add('second', 2)
  expect(stolen).toEqual(['shares', 'first', 'same'])
  expect(() => add('low', 1)).toThrow(/higher owner level/)
})

test('when the owner has left, others may share again', () => {
  const { add, stolen } = scene()
  const leave = add('owner', 5)
  leave()
  add('a')
  add('b')
  expect(stolen).toEqual([])
})
