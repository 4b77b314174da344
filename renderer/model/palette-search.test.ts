import { expect, test } from 'vitest'
import { findCommands } from './palette-search.ts'

const commands = [
  { id: 'reboot', label: '장치 2개 다시 부팅…' },
  { id: 'hub contoso', label: 'Switch to contoso-prod' },
  { id: 'theme dark', label: 'Theme: Dark' },
]

function found(typed: string): readonly string[] {
  return findCommands(commands, typed).map(({ id }) => id)
}

test('nothing typed finds everything, in its order', () => {
  expect(found('  ')).toEqual(['reboot', 'hub contoso', 'theme dark'])
})

test('each word has to be there, in whatever order and case', () => {
  expect(found('PROD switch')).toEqual(['hub contoso'])
  expect(found('prod dark')).toEqual([])
})

test('a command is found by its English name, too, and by Hangul however it was composed', () => {
  expect(found('reboot')).toEqual(['reboot'])
  expect(found('부팅'.normalize('NFD'))).toEqual(['reboot'])
})
