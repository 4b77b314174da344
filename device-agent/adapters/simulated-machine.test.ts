import { expect, test } from 'vitest'
import { powerCut, type Machine } from '../ports/machine.ts'
import { fakeClock, settle } from '../testing/fake-clock.ts'
import { machineInMemory } from './machine-disk.ts'
import { runSimulatedMachine } from './simulated-machine.ts'

/** Starts a machine whose program does nothing but live; each boot is an entry of `lives`. */
function start(downMs: number, disk = machineInMemory(), clock = fakeClock()) {
  const lives: { readonly machine: Machine; readonly power: AbortSignal }[] = []
  const stop = new AbortController()
  let boots = 0
  const program = (machine: Machine, power: AbortSignal) => {
    lives.push({ machine, power })
    return new Promise<void>((resolve) => {
      power.addEventListener(
        'abort',
        () => {
          resolve()
        },
        { once: true },
      )
    })
  }
  const options = { disk, clock, downMs, newBootId: () => `${downMs}-${++boots}`, firmwareVersion: '2.0' }
  const ended = runSimulatedMachine(options, program, stop.signal)
  const current = () => {
    const life = lives.at(-1)
    if (life === undefined) throw new Error('the machine is not up')
    return life
  }
  return { lives, stop, ended, disk, clock, current }
}

test('a machine that is switched on for the first time has a boot id, a boot time and a firmware version', async () => {
  const { current, clock, stop, ended } = start(1_000)
  await settle()
  const { machine } = current()
  expect([await machine.bootId(), await machine.firmwareVersion()]).toEqual(['1000-1', '2.0'])
  expect((await machine.bootedAt()).getTime()).toBe(clock.now())
  stop.abort()
  await ended
})

test('a reboot cuts the power of the program and starts it with another boot id after the down time', async () => {
  const { lives, current, clock, stop, ended } = start(4_000)
  await settle()
  await current().machine.reboot('because')
  expect(lives[0]?.power.reason).toBe(powerCut)
  await clock.advance(3_999)
  expect(lives).toHaveLength(1)
  await clock.advance(1)
  expect(await current().machine.bootId()).toBe('4000-2')
  stop.abort()
  await ended
})

test('a machine with an infinite down time never returns, and can still be stopped', async () => {
  const { lives, current, clock, stop, ended } = start(Infinity)
  await settle()
  await current().machine.reboot('because')
  await clock.advance(1e9)
  expect(lives).toHaveLength(1)
  stop.abort()
  await ended
})

test('a stop is no power cut: the program may say goodbye', async () => {
  const { current, stop, ended } = start(1_000)
  await settle()
  const { power } = current()
  stop.abort()
  await ended
  expect(power.aborted).toBe(true)
  expect(power.reason).not.toBe(powerCut)
})

test('the end of the process is no reboot: the machine is found with the same boot id', async () => {
  const first = start(1_000)
  await settle()
  first.stop.abort()
  await first.ended
  const second = start(2_000, first.disk, first.clock)
  await settle()
  expect(await second.current().machine.bootId()).toBe('1000-1')
  second.stop.abort()
  await second.ended
})

test('a process that ends while the machine is down finds it down, and then up with another boot id', async () => {
  const first = start(4_000)
  await settle()
  await first.current().machine.reboot('because')
  await first.clock.advance(1_000)
  first.stop.abort()
  await first.ended

  const second = start(4_000, first.disk, first.clock)
  await first.clock.advance(2_999)
  expect(second.lives).toHaveLength(0)
  await first.clock.advance(1)
  expect(second.lives).toHaveLength(1)
  second.stop.abort()
  await second.ended
})
