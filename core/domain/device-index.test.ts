import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DeviceId } from '../../contract/app/ids.ts'
import { DeviceIndex } from './device-index.ts'

const id = (text: string): DeviceId => DeviceId.parse(text)

test('each id has the number of its first coming, as a Map would say', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1, maxLength: 6 }), { maxLength: 300 }), (texts) => {
      const index = new DeviceIndex()
      const numbers = new Map<string, number>()
      for (const text of texts) {
        if (!numbers.has(text)) numbers.set(text, numbers.size)
        expect(index.add(id(text))).toBe(numbers.get(text))
      }
      expect(index.size).toBe(numbers.size)
      for (const [text, number] of numbers) expect(index.get(id(text))).toBe(number)
      for (const text of [...texts, 'absent', ...texts.toReversed()])
        expect(index.get(id(text))).toBe(numbers.get(text))
      expect(index.ids).toEqual([...numbers.keys()])
    }),
  )
})

test('an id that never came has no number', () => {
  const index = new DeviceIndex([id('pump-1'), id('pump-2')])
  expect(index.get(id('pump-3'))).toBeUndefined()
  expect(index.get(id('__proto__'))).toBeUndefined()
})

test('a hundred thousand ids that differ in their last digits stay apart', () => {
  const ids = Array.from({ length: 100_000 }, (_, number) => id(`pump-${String(number).padStart(6, '0')}`))
  const index = new DeviceIndex(ids)
  expect(ids.every((one, number) => index.get(one) === number)).toBe(true)
})
