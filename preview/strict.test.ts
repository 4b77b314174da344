import { expect, test } from 'vitest'
import { strictly } from './strict.ts'

class Counter {
  #count = 0

  increase(): number {
    return ++this.#count
  }
}

test('what is there works, private fields and all', () => {
  const counter = strictly('counter', new Counter())
  counter.increase()
  expect(counter.increase()).toBe(2)
})

test('what is not there is an error that names it', () => {
  const counter = strictly('counter', new Counter()) as unknown as { decrease: () => number }
  expect(() => counter.decrease()).toThrow('The Electron look-alike has no counter.decrease.')
})

test('a value can be awaited and printed though it has neither then nor toJSON', async () => {
  const part = strictly('part', { name: 'x' })
  expect(await Promise.resolve(part)).toBe(part)
  expect(JSON.stringify(part)).toBe('{"name":"x"}')
})
