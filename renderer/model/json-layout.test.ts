import fc from 'fast-check'
import { expect, test } from 'vitest'
import { layOutJson, oneLine, revealHidden } from './json-layout.ts'

const plenty = 1_000_000

test('JSON is laid out as JSON.stringify lays it out', () => {
  const ascii = fc.jsonValue({ stringUnit: fc.constantFrom('a', '"', '\\', ' ', '{', ',') })
  fc.assert(
    fc.property(ascii, (value) => {
      expect(layOutJson(JSON.stringify(value), plenty).text).toBe(JSON.stringify(value, null, 2))
    }),
  )
})

test('a number keeps every digit that the device wrote', () => {
  expect(layOutJson('{"serial":900719925474099312345.10}', plenty).text).toBe(
    '{\n  "serial": 900719925474099312345.10\n}',
  )
})

test('what is cut off or not JSON at all is shown as it is', () => {
  expect(layOutJson('{"a":[1,"cut o', plenty).text).toBe('{\n  "a": [\n    1,\n    "cut o')
  expect(layOutJson('<html>502</html>', plenty).text).toBe('<html>502</html>')
})

test('at most as much as asked for is laid out, and it says so', () => {
  const huge = JSON.stringify(Array.from({ length: 10_000 }, (_, index) => index))
  const { text, isCut } = layOutJson(huge, 500)
  expect(isCut).toBe(true)
  expect(text).toHaveLength(500)
  expect(text.startsWith('[\n  0,\n  1,')).toBe(true)
})

test('brackets without end neither fill the memory nor break the layout', () => {
  const { text, isCut } = layOutJson('['.repeat(60_000), 20_000)
  expect(isCut).toBe(true)
  expect(text).toHaveLength(20_000)
})

test('marks that reverse text or cannot be seen are written out', () => {
  expect(revealHidden('safe\u202eexe.fdp\u200b\u0007')).toBe('safe\\u202eexe.fdp\\u200b\\u0007')
  expect(layOutJson('"\u202e"', plenty).text).toBe('"\\u202e"')
  expect(revealHidden('장치 é 🙂')).toBe('장치 é 🙂')
})

test('one line is one line, and ends in an ellipsis when it is cut', () => {
  expect(oneLine('{"a":\n  1}', 100)).toBe('{"a": 1}')
  expect(oneLine('abcdef', 3)).toBe('abc…')
})
