import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { addTwin } from '../testing/ask-hub.ts'
import { newHub } from '../testing/new-hub.ts'
import { twinView } from './twin-view.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function heap(): number {
  collect()
  return process.memoryUsage().heapUsed
}

test('a twin takes less than 2 kB more in memory than it has as JSON', () => {
  const hub = newHub()
  const fill = (from: number, to: number) => {
    for (let index = from; index < to; index += 1) {
      const agent = { bootId: `boot-${index}`, firmwareVersion: '2.4.1', actions: ['reboot', 'factoryReset'] }
      const tags = { site: `site-${index % 10}`, kind: 'pump' }
      addTwin(hub, `device-${index}`, { tags, reported: { iothubDM: { agent } } })
    }
  }
  fill(0, 200)
  const before = heap()
  fill(200, 5_200)
  const each = (heap() - before) / 5_000
  const json = Buffer.byteLength(JSON.stringify(twinView(hub.registry.get('device-200'))))
  expect(each - json).toBeLessThan(2048)
  expect(each).toBeGreaterThan(200)
})
