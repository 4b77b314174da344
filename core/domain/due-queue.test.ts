import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DueQueue } from './due-queue.ts'

test('what is due comes in the order of its time, and of its coming where times are equal', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 200 }), (times) => {
      const queue = new DueQueue<{ readonly at: number; readonly order: number }>()
      for (const [order, at] of times.entries()) queue.add(at, { at, order })
      const taken = times.map(() => queue.takeDue(20))
      const expected = times
        .map((at, order) => ({ at, order }))
        .toSorted((left, right) => left.at - right.at || left.order - right.order)
      expect(taken).toEqual(expected)
      expect(queue.size).toBe(0)
    }),
  )
})

test('nothing comes before its time', () => {
  const queue = new DueQueue<string>()
  queue.add(100, 'later')
  queue.add(50, 'soon')
  expect(queue.nextAt).toBe(50)
  expect(queue.takeDue(49)).toBeUndefined()
  expect(queue.takeDue(60)).toBe('soon')
  expect(queue.takeDue(60)).toBeUndefined()
  expect(queue.nextAt).toBe(100)
})
