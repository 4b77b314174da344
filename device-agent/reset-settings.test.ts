import { expect, test } from 'vitest'
import { problemsOfReset, toResetOptions } from './reset-settings.ts'

test('what is not set resets nothing', () => {
  expect(toResetOptions({})).toEqual({ wipe: [], keep: [], command: undefined })
  expect(problemsOfReset({})).toEqual([])
})

test('paths are separated by colons', () => {
  const settings = { 'reset-wipe': '/data:/home', 'reset-keep': '/data/map', 'reset-command': '/opt/reset' }
  expect(toResetOptions(settings)).toEqual({
    wipe: ['/data', '/home'],
    keep: ['/data/map'],
    command: '/opt/reset',
  })
  expect(problemsOfReset(settings)).toEqual([])
})

test('each path that must not be wiped is named with its number, and never quoted', () => {
  const problems = problemsOfReset({ 'reset-wipe': '/data:/:/home:/state/x', 'state-dir': '/state' })
  expect(problems).toEqual([
    { name: 'reset-wipe', problem: 'reset-wipe number 2 names the whole disk' },
    {
      name: 'reset-wipe',
      problem: "reset-wipe number 4 touches the agent's own record, without which it cannot finish",
    },
  ])
})

test('something kept that nothing wipes is a mistake: its owner believes something else', () => {
  const problems = problemsOfReset({ 'reset-wipe': '/data', 'reset-keep': '/data/map:/home/pi' })
  expect(problems).toEqual([
    { name: 'reset-keep', problem: 'reset-keep number 2 is in nothing that reset-wipe names' },
  ])
})
