import { beforeEach, expect, test } from 'vitest'
import { parseJson } from '../../hub/json.ts'
import { FakeClock } from '../../testing/fake-clock.ts'
import { seededRandom } from '../seeded-random.ts'
import { dialects } from './dialects.ts'
import type { DeviceFault } from './faults.ts'
import type { Line, LineListener, Network } from './line.ts'
import { LightDevice } from './light-device.ts'

/** A hub that remembers what it was told on the newest line, and answers when the test says so. */
class FakeNetwork implements Network {
  readonly said: string[] = []
  connections = 0
  listener: LineListener | undefined
  #lastReport = ''

  connect(_identity: unknown, listener: LineListener): Line {
    this.connections += 1
    this.listener = listener
    return {
      answer: (_requestId, status, payload) => void this.said.push(`answer ${status} ${payload}`),
      report: (requestId, patch) => {
        this.#lastReport = requestId
        this.said.push(`report ${patch}`)
      },
      askTwin: () => void this.said.push('twin'),
      end: () => {
        this.said.push('end')
        this.lose()
      },
    }
  }

  accept(): void {
    this.listener?.onReady()
  }

  lose(): void {
    const { listener } = this
    this.listener = undefined
    listener?.onEnd()
  }

  acknowledge(status = 204): void {
    this.listener?.onReported(this.#lastReport, status)
  }

  ask(name: string, payload: unknown): void {
    this.listener?.onMethod({ name, requestId: '1', payload: Buffer.from(JSON.stringify(payload)) })
  }

  take(): readonly string[] {
    return this.said.splice(0)
  }
}

let clock: FakeClock
let network: FakeNetwork
let logged: string[]

beforeEach(() => {
  clock = new FakeClock()
  network = new FakeNetwork()
  logged = []
})

function start(dialect: keyof typeof dialects, fault?: DeviceFault, seed = 1): LightDevice {
  const device = new LightDevice({
    identity: { deviceId: 'd', key: '' },
    kind: { dialect: dialects[dialect], downMs: [2_000, 2_000], phaseMs: 1_000, firmwareVersion: '1.0.0' },
    fault,
    network,
    clock,
    random: seededRandom(seed),
    log: (event) => void logged.push(event),
  })
  device.start()
  return device
}

const bootIdIn = (said: string | undefined) => /"bootId":"([^"]+)"/.exec(said ?? '')?.[1]

test('a device says who it is when it has booted, once', () => {
  start('agent')
  network.accept()
  const [hello] = network.take()
  expect(hello).toContain('"firmwareVersion":"1.0.0"')
  network.acknowledge()
  network.lose()
  clock.advance(2_000)
  network.accept()
  expect(network.take()).toEqual([])
})

test('a reboot is answered, then the device is away, then one patch says that it was done by another boot', () => {
  start('agent')
  network.accept()
  const first = bootIdIn(network.take()[0])
  network.acknowledge()
  network.ask('reboot', { actionId: 'a' })
  expect(network.take()).toEqual(['answer 202 {"actionId":"a","state":"accepted"}', 'end'])
  clock.advance(1_999)
  expect(network.connections).toBe(1)
  clock.advance(1)
  expect(network.connections).toBe(2)
  network.accept()
  const [report, ...more] = network.take()
  const second = bootIdIn(report)
  expect(second).not.toBe(first)
  expect(parseJson((report ?? '').slice('report '.length))).toMatchObject({
    iothubDM: { agent: { bootId: second }, reboot: { bootIdBefore: first, bootIdAfter: second } },
  })
  network.acknowledge()
  expect([...more, ...network.take()]).toEqual([])
  network.ask('reboot', { actionId: 'a' })
  expect(network.take()).toEqual(['answer 200 {"actionId":"a","state":"completed"}'])
  expect(logged).toEqual(['booted'])
})

test('what was reported and not acknowledged is reported again', () => {
  start('tutorial')
  network.accept()
  network.ask('reboot', null)
  const [answer, report] = network.take()
  expect(answer).toBe('answer 200 "Reboot started"')
  network.lose()
  clock.advance(2_000)
  network.accept()
  expect(network.take()).toEqual([report])
  network.acknowledge()
  expect(network.take()).toEqual(['end'])
})

test('a device that is told to wait waits, and one that is refused goes on', () => {
  start('agent')
  network.accept()
  const [hello] = network.take()
  network.acknowledge(429)
  expect(network.take()).toEqual([])
  clock.advance(1_500)
  expect(network.take()).toEqual([hello])
  network.acknowledge(400)
  network.ask('reboot', { actionId: 'a' })
  expect(network.take().at(-1)).toBe('end')
})

test('a hub without room is asked ever more rarely, and not by all devices at the same time', () => {
  const pausesOf = (seed: number) => {
    clock = new FakeClock()
    network = new FakeNetwork()
    start('agent', undefined, seed)
    network.accept()
    return Array.from({ length: 7 }, () => {
      network.take()
      network.acknowledge(429)
      const before = clock.now()
      while (network.said.length === 0) clock.advance(10)
      return clock.now() - before
    })
  }
  const [pauses, others] = [pausesOf(1), pausesOf(2)]
  expect(pauses[0]).toBeLessThanOrEqual(1_510)
  expect(pauses.at(-1)).toBeGreaterThanOrEqual(15_000)
  expect(Math.max(...pauses)).toBeLessThanOrEqual(45_010)
  expect(pauses).not.toEqual(others)
})

test('a report that waits for room is sent once by the connection that comes first', () => {
  start('agent')
  network.accept()
  const [hello] = network.take()
  for (let turn = 0; turn < 4; turn += 1) {
    network.acknowledge(429)
    clock.advance(30_000)
  }
  network.take()
  network.acknowledge(429)
  network.lose()
  clock.advance(1_500)
  network.accept()
  clock.advance(60_000)
  expect(network.take()).toEqual([hello])
})

test('a lost connection is tried again, later each time, until it succeeds', () => {
  start('tutorial')
  const pauses = Array.from({ length: 8 }, () => {
    network.lose()
    const before = clock.now()
    const connections = network.connections
    while (network.connections === connections) clock.advance(100)
    return clock.now() - before
  })
  expect(pauses[0]).toBeLessThanOrEqual(1_500)
  expect(pauses.at(-1)).toBeGreaterThanOrEqual(15_000)
  expect(Math.max(...pauses)).toBeLessThanOrEqual(45_100)
  network.accept()
  network.lose()
  clock.advance(1_500)
  expect(network.connections).toBe(10)
})

test('an update goes through its phases although the connection comes and goes', () => {
  start('tutorial')
  network.accept()
  network.ask('firmwareUpdate', { fwPackageUri: 'https://example.com/2.0.bin' })
  network.acknowledge()
  network.lose()
  clock.advance(1_500)
  network.accept()
  const words: unknown[] = []
  for (let turn = 0; turn < 10; turn += 1) {
    words.push(...network.take().flatMap((said) => /"status":"(\w+)"/.exec(said)?.[1] ?? []))
    network.acknowledge()
    clock.advance(1_000)
  }
  expect(words).toEqual(['waiting', 'downloading', 'downloadComplete', 'applying', 'applyComplete'])
})

test('a desired version is found at the next connect, and when it changes', () => {
  start('configuration')
  network.accept()
  expect(network.take()).toEqual([expect.stringContaining('"current"'), 'twin'])
  network.acknowledge()
  const firmware = { fwVersion: '2.0', fwPackageURI: 'https://example.com/2.0.bin' }
  network.listener?.onTwin(Buffer.from(JSON.stringify({ desired: { firmware } })))
  expect(network.take()).toEqual([expect.stringContaining('"downloading"')])
})

test.each([
  ['offline', 0],
  ['silent', 1],
] as const)('a device that is %s answers nothing', (fault, connections) => {
  start('agent', fault)
  network.accept()
  network.acknowledge()
  network.take()
  network.ask('reboot', { actionId: 'a' })
  expect([network.take(), network.connections]).toEqual([[], connections])
})

test('a device that never returns is never seen again', () => {
  start('agent', 'neverReturns')
  network.accept()
  network.acknowledge()
  network.ask('reboot', { actionId: 'a' })
  clock.advance(10 * 60_000)
  expect([network.take().at(-1), network.connections]).toEqual(['end', 1])
})

test('a device that flaps comes back each time', () => {
  start('agent', 'flaps')
  for (let turn = 0; turn < 5; turn += 1) {
    network.accept()
    network.acknowledge()
    clock.advance(20_000)
  }
  expect(network.connections).toBe(6)
})

test('bytes that are not JSON are no reason to stop', () => {
  start('agent')
  network.accept()
  network.acknowledge()
  network.take()
  network.listener?.onMethod({ name: 'reboot', requestId: '1', payload: Buffer.from('{"a":') })
  network.listener?.onDesired(Buffer.from([255]))
  expect(network.take()[0]).toBe('answer 200 "Reboot started"')
})

test('a device that is stopped says goodbye and does not come back', async () => {
  const device = start('agent')
  network.accept()
  await device.stop()
  expect(network.take().at(-1)).toBe('end')
  clock.advance(60_000)
  expect(network.connections).toBe(1)
})
