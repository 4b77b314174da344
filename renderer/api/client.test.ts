import { expect, test } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import { fakeApp } from '../testing/fake-app.ts'
import { deviceId, localHubId } from '../testing/values.ts'
import { follow } from './follow.ts'
import { isCancelled, toProblem } from '../model/problem.ts'

const request = { hubId: localHubId, parameters: { kind: 'reboot' as const }, deviceIds: [deviceId('a')] }

test('a call gets its answer over the port', async () => {
  const app = fakeApp()
  const { verdicts } = await app.link.client.actions.preflight(request)
  expect(verdicts).toEqual([{ deviceId: 'a', verdict: 'ready' }])
})

test('the link is lost when the port closes', async () => {
  const app = fakeApp()
  app.close()
  await app.link.lost
  await expect(app.link.client.actions.preflight(request)).rejects.toMatchObject({ code: 'unreachable' })
})

test('an error of the application keeps what happened, the next step and the field', async () => {
  const app = fakeApp()
  app.answers.preflight = () => {
    throw new AppError('invalid-input', 'Too many devices.', {
      nextStep: 'Choose fewer.',
      field: 'deviceIds',
    })
  }
  const error: unknown = await app.link.client.actions.preflight(request).catch((thrown: unknown) => thrown)
  expect(toProblem(error)).toEqual({
    code: 'invalid-input',
    message: 'Too many devices.',
    nextStep: 'Choose fewer.',
    field: 'deviceIds',
  })
})

test('the text of a bug in the window is not shown', () => {
  expect(toProblem(new TypeError('x is undefined')).message).not.toContain('undefined')
})

test('a cancelled call is told from a failed one', () => {
  expect(isCancelled(new AppError('cancelled', 'Cancelled.'))).toBe(true)
  expect(isCancelled(new AppError('timeout', 'Late.'))).toBe(false)
})

test('a follower that leaves gets nothing more, and the application stops telling', async () => {
  const app = fakeApp()
  const { promise: first, resolve } = Promise.withResolvers<undefined>()
  let count = 0
  const leave = follow((signal) => app.link.client.hubs.list({}, signal), {
    onValue: () => {
      count++
      resolve(undefined)
    },
    onProblem: () => undefined,
  })
  await first
  leave()
  await expect.poll(() => app.hubs.watcherCount).toBe(0)
  app.hubs.push({ hubs: [] })
  expect(count).toBe(1)
})

test('a watch that ends with an error tells its follower', async () => {
  const app = fakeApp()
  const { promise, resolve } = Promise.withResolvers<string>()
  const follower = { onValue: () => undefined, onProblem: ({ code }: { code: string }) => resolve(code) }
  follow((signal) => app.link.client.hubs.list({}, signal), follower)
  app.close()
  expect(await promise).toBe('unreachable')
})
