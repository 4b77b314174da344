import { expect, test } from 'vitest'
import { Events, PreventableEvent } from './events.ts'

test('listeners hear what is emitted, those for once only once', () => {
  const events = new Events('app', ['ready'])
  const heard: string[] = []
  events.on('ready', (word: string) => heard.push(`on ${word}`))
  events.once('ready', (word: string) => heard.push(`once ${word}`))
  events.emit('ready', 'a')
  events.emit('ready', 'b')
  expect(heard).toEqual(['on a', 'once a', 'on b'])
})

test('listening to an event that never comes is an error that names it', () => {
  const events = new Events('app', ['ready'])
  expect(() => events.on('activate', () => undefined)).toThrow("never emits 'activate' on app")
  expect(() => events.once('activate', () => undefined)).toThrow("never emits 'activate' on app")
})

test('an event is prevented by whoever says so', () => {
  const event = new PreventableEvent()
  expect(event.defaultPrevented).toBe(false)
  const { preventDefault } = event
  preventDefault()
  expect(event.defaultPrevented).toBe(true)
})
