import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readScenarioFile } from './read-scenario-file.ts'
import { countsOf, parseScenario, parseScenarioText, scenarioOf } from './scenario.ts'
import { devicesOf } from './scenario-devices.ts'

const group = { count: 10, dialect: 'agent', namePrefix: 'pump-' }

describe('a scenario', () => {
  test.each([
    [[], /^the scenario: /],
    [{}, /^groups: /],
    [{ groups: [] }, /^groups: /],
    [{ groups: [group], colour: 1 }, /^the scenario: .*colour/],
    [{ groups: [{ ...group, count: 0 }] }, /^groups\[0\]\.count: /],
    [{ groups: [group, { ...group, dialect: 'latin' }] }, /^groups\[1\]\.dialect: /],
    [{ groups: [{ ...group, namePrefix: 'a b' }] }, /^groups\[0\]\.namePrefix: /],
    [{ groups: [{ ...group, faults: { sleepy: 0.1 } }] }, /^groups\[0\]\.faults: .*sleepy/],
    [{ groups: [{ ...group, faults: { slow: 2 } }] }, /^groups\[0\]\.faults\.slow: /],
    [{ groups: [{ ...group, faults: { slow: 0.6, lies: 0.6 } }] }, /^groups\[0\]\.faults: .*more than 1/],
    [
      { groups: [{ ...group, dialect: 'realAgent', faults: { lies: 0.1 } }] },
      /^groups\[0\]\.faults: .*offline only/,
    ],
    [{ groups: [{ ...group, downSeconds: [6, 2] }] }, /^groups\[0\]\.downSeconds: /],
    [{ groups: [{ ...group, spread: { site: [] } }] }, /^groups\[0\]\.spread\.site: /],
    [
      {
        groups: [
          { ...group, count: 30_000 },
          { ...group, count: 30_000 },
        ],
      },
      /^groups: .*50000/,
    ],
  ])('%j is refused with its place', (value, reason) => {
    expect(() => parseScenario(value)).toThrow(reason)
    expect(() => parseScenario(value)).toThrow(RangeError)
  })

  test('a file with a mistake is named, with the place in it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'drover-scenario-'))
    const file = join(folder, 'scenario.json')
    await writeFile(file, '{ "groups": [{ "count": "ten" }] }')
    await expect(readScenarioFile(file)).rejects.toThrow(`${file}: groups[0].count: `)
    await writeFile(file, '{ "groups": [')
    await expect(readScenarioFile(file)).rejects.toThrow(`${file}: not valid JSON: `)
    await expect(readScenarioFile(join(folder, 'none.json'))).rejects.toThrow(
      /none\.json: there is no such file/,
    )
    await rm(folder, { recursive: true })
  })

  test('the example of the documentation is good', async () => {
    const page = await readFile(new URL('../../docs/local-hub.md', import.meta.url), 'utf8')
    const [, example = ''] = /```json\n(\{\n {2}"seed": \d+,\n {2}"groups"[^`]*)```/.exec(page) ?? []
    expect(devicesOf(parseScenarioText(example)).length).toBeGreaterThan(100)
  })
})

describe('the devices of a scenario', () => {
  const scenario = parseScenario({
    seed: 7,
    groups: [
      {
        ...group,
        count: 1000,
        tags: { kind: 'pump' },
        spread: { site: ['a', 'b', 'c'] },
        faults: { neverReturns: 0.05, lies: 0.013, offline: 0.1 },
      },
      { count: 3, dialect: 'realAgent', namePrefix: 'gateway-', faults: { neverReturns: 1 } },
    ],
  })
  const devices = devicesOf(scenario)
  const faultOf = ({ behaviour }: (typeof devices)[number]) =>
    behaviour.type === 'light' ? behaviour.fault : behaviour.type

  test('are as many of each kind as it says, to the device', () => {
    const counts = Map.groupBy(devices, faultOf)
    const sizes = Object.fromEntries([...counts].map(([fault, members]) => [String(fault), members.length]))
    expect(sizes).toEqual({ undefined: 837, neverReturns: 50, lies: 13, absent: 100, agent: 3 })
  })

  test('are the same each time, and others with another seed', () => {
    expect(devicesOf(scenario).map(faultOf)).toEqual(devices.map(faultOf))
    expect(devicesOf({ ...scenario, seed: 8 }).map(faultOf)).not.toEqual(devices.map(faultOf))
  })

  test('have names, tags, and tags in turns', () => {
    expect(devices[3]).toMatchObject({ deviceId: 'pump-0004', tags: { kind: 'pump', site: 'a' } })
    expect(new Set(devices.map(({ deviceId }) => deviceId)).size).toBe(1003)
  })

  test('are scattered: the faults are not all at the beginning', () => {
    const first = devices.slice(0, 100).filter((device) => faultOf(device) === 'absent').length
    expect(first).toBeGreaterThan(2)
    expect(first).toBeLessThan(25)
  })

  test('of a real agent that never returns is down for ever', () => {
    expect(devices.at(-1)?.behaviour).toMatchObject({ type: 'agent', downMs: Infinity })
  })
})

test('a mix of dialects is so many of each, together exactly as many as asked for', () => {
  const { groups } = scenarioOf(101, { agent: 70, tutorial: 20, sample: 10, java: 0 })
  expect(groups.map(({ dialect, count }) => [dialect, count])).toEqual([
    ['agent', 71],
    ['tutorial', 20],
    ['sample', 10],
  ])
  for (let total = 1; total < 50; total += 1) {
    expect(countsOf(total, [1, 1, 1, 0.5]).reduce((sum, count) => sum + count)).toBe(total)
  }
})
