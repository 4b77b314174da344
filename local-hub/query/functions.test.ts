import { expect, test } from 'vitest'
import { addTwin, idsWhere } from '../testing/ask-hub.ts'
import { newHub } from '../testing/new-hub.ts'
import { functionArity } from './syntax.ts'

const hub = newHub()
addTwin(hub, 'one', {
  tags: { text: 'Über-Pump', number: -2.5, truth: true, object: { a: 1 }, list: [1], digits: ' 12.5 ' },
})

const holds = (condition: string) => idsWhere(hub, condition).length === 1

const cases = [
  'ABS(tags.number) = 2.5',
  'EXP(0) = 1',
  'POWER(2, 10) = 1024',
  'SQUARE(tags.number) = 6.25',
  'CEILING(tags.number) = -2',
  'FLOOR(tags.number) = -3',
  'SIGN(tags.number) = -1',
  'SQRT(SQUARE(3)) = 3',
  'AS_NUMBER(tags.digits) = 12.5',
  'AS_NUMBER(tags.number) = -2.5',
  'IS_ARRAY(tags.list) AND NOT IS_ARRAY(tags.object)',
  'IS_BOOL(tags.truth) AND NOT IS_BOOL(tags.text)',
  'IS_DEFINED(tags.text) AND NOT IS_DEFINED(tags.missing)',
  'IS_NULL(null) AND NOT IS_NULL(tags.missing)',
  'IS_NUMBER(tags.number) AND NOT IS_NUMBER(tags.digits)',
  'IS_OBJECT(tags.object) AND NOT IS_OBJECT(tags.list)',
  'IS_PRIMITIVE(tags.text) AND IS_PRIMITIVE(null) AND NOT IS_PRIMITIVE(tags.object)',
  'NOT IS_PRIMITIVE(tags.missing)',
  'IS_STRING(tags.text) AND NOT IS_STRING(tags.number)',
  "CONCAT(deviceId, '/', tags.text, '!') = 'one/Über-Pump!'",
  'LENGTH(tags.text) = 9',
  "LOWER(tags.text) = 'über-pump'",
  "UPPER(tags.text) = 'ÜBER-PUMP'",
  "SUBSTRING(tags.text, 5) = 'Pump' AND SUBSTRING(tags.text, 0, 4) = 'Über'",
  "SUBSTRING(tags.text, 7, 99) = 'mp' AND SUBSTRING(tags.text, 99) = ''",
  "INDEX_OF(tags.text, 'Pump') = 5 AND INDEX_OF(tags.text, 'x') = -1",
  "STARTS_WITH(tags.text, 'Über') AND NOT STARTS_WITH(tags.text, 'Pump')",
  "startswith(tags.text, 'Über')",
  "ENDS_WITH(tags.text, 'Pump') AND NOT ENDS_WITH(tags.text, 'Über')",
  "ENDSWITH(tags.text, 'Pump')",
  "CONTAINS(tags.text, '-') AND NOT CONTAINS(tags.text, '+')",
]

test.each(cases)('%s', (condition) => {
  expect(holds(condition)).toBe(true)
})

test('every function has its case', () => {
  const tested = (name: string) => cases.some((condition) => condition.toUpperCase().includes(`${name}(`))
  expect(Object.keys(functionArity).filter((name) => !tested(name))).toEqual([])
})

test.each([
  'ABS(tags.text)',
  'POWER(2, tags.missing)',
  'POWER(tags.missing, 2)',
  'POWER(10, 999)',
  'SQRT(-1)',
  'AS_NUMBER(tags.text)',
  "AS_NUMBER('')",
  "AS_NUMBER('0x10')",
  "AS_NUMBER('Infinity')",
  'AS_NUMBER(tags.truth)',
  'LENGTH(tags.list)',
  'LENGTH(tags.number)',
  "CONCAT(tags.text, tags.missing, 'x')",
  'CONCAT(tags.missing, tags.text)',
  'LOWER(null)',
  'SUBSTRING(tags.text, -1)',
  'SUBSTRING(tags.text, 1, -1)',
  "SUBSTRING(tags.text, 'x')",
  'SUBSTRING(tags.text, 1, tags.missing)',
  'SUBSTRING(tags.number, 1)',
  'INDEX_OF(tags.text, 1)',
  'STARTSWITH(tags.missing, tags.text)',
])('%s is undefined, not an error', (call) => {
  expect(holds(`NOT IS_DEFINED(${call})`)).toBe(true)
})
