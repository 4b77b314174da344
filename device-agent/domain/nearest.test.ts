import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'

const names = ['ca', 'hub', 'simulate', 'simulate-down', 'certificate', 'certificate-key', 'dps-id-scope']

test.each([
  ['certifcate', 'certificate'],
  ['certificate_key', 'certificate-key'],
  ['simluate', 'simulate'],
  ['Simulate', 'simulate'],
  ['dps-id-scop', 'dps-id-scope'],
  ['hab', 'hub'],
])('%j is meant to be %s', (word, name) => {
  expect(nearest(word, names)).toBe(name)
})

test.each(['', 'x', 'password', 'certificate-key-file-of-mine', 'HostName'])(
  '%j is nothing known',
  (word) => {
    expect(nearest(word, names)).toBeUndefined()
  },
)
