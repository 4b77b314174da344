import { describe, expect, test } from 'vitest'
import { addDevice, newHub } from '../testing/new-hub.ts'
import { twinView } from './twin-view.ts'
import type { CloudToDeviceMessage } from './cloud-to-device-message.ts'
import { parseAcknowledgement, wantsFeedback } from './cloud-to-device-message.ts'
import type { Feedback, QueueChange } from './cloud-to-device.ts'

const hourMs = 3_600_000

function message(parts: Partial<CloudToDeviceMessage> = {}): CloudToDeviceMessage {
  return {
    messageId: 'm',
    correlationId: undefined,
    userId: undefined,
    contentType: undefined,
    contentEncoding: undefined,
    acknowledgement: 'full',
    expiresAt: undefined,
    properties: {},
    body: Buffer.from('hello'),
    ...parts,
  }
}

function scene() {
  const hub = newHub()
  addDevice(hub, 'd')
  const queue = hub.cloudToDevice
  const feedback: Feedback[] = []
  const changes: QueueChange[] = []
  queue.onFeedback((record) => void feedback.push(record))
  queue.onChange((change) => void changes.push(change))
  const send = (...ids: readonly string[]) => {
    for (const messageId of ids) queue.send('d', message({ messageId }))
  }
  /** The id of the message that the device now receives, with its lock. */
  const receive = (lockMs?: number) => {
    const locked = queue.lockNext('d', lockMs)
    return (
      locked && { id: locked.pending.message.messageId, token: locked.lockToken, pending: locked.pending }
    )
  }
  const outcomes = () => feedback.map(({ originalMessageId, outcome }) => `${originalMessageId} ${outcome}`)
  return { hub, queue, send, receive, feedback, changes, outcomes }
}

const failure = (code: string) => expect.objectContaining({ code }) as Error

describe('a message to a device', () => {
  test('is received in the order of sending, once, and gone when it is completed', () => {
    const { queue, send, receive, outcomes } = scene()
    send('a', 'b')
    const [a, b] = [receive(), receive()]
    expect([a?.id, b?.id, receive()]).toEqual(['a', 'b', undefined])
    queue.settle('d', a?.token ?? '', 'complete')
    expect(queue.count('d')).toBe(1)
    queue.settle('d', b?.token ?? '', 'reject')
    expect(queue.count('d')).toBe(0)
    expect(outcomes()).toEqual(['a Success', 'b Rejected'])
  })

  test('that is abandoned comes again, before those that were sent after it', () => {
    const { queue, send, receive } = scene()
    send('a', 'b')
    queue.settle('d', receive()?.token ?? '', 'abandon')
    const again = receive()
    expect([again?.id, again?.pending.deliveryCount]).toEqual(['a', 2])
  })

  test('that a device keeps for a minute comes again, and the old lock is lost', () => {
    const { hub, queue, send, receive } = scene()
    send('a')
    const first = receive()
    hub.clock.advance(59_999)
    expect(receive()).toBeUndefined()
    let wakeUps = 0
    queue.onAvailable('d', () => (wakeUps += 1))
    hub.clock.advance(1)
    expect(wakeUps).toBe(1)
    expect(receive()?.id).toBe('a')
    expect(() => {
      queue.settle('d', first?.token ?? '', 'complete')
    }).toThrow(failure('DeviceMessageLockLost'))
    expect(queue.count('d')).toBe(1)
  })

  test('that a connection has without end stays with it until the connection releases it', () => {
    const { hub, queue, send, receive } = scene()
    queue.send('d', message({ messageId: 'a', expiresAt: hub.clock.now() + 100 * hourMs }))
    send('b')
    const first = receive(Infinity)
    hub.clock.advance(50 * hourMs)
    expect(queue.count('d')).toBe(1)
    expect(receive(Infinity)).toBeUndefined()
    queue.release('d', first?.token ?? '')
    queue.release('d', first?.token ?? '')
    expect(receive(Infinity)?.id).toBe('a')
  })

  test('that was received ten times is given up', () => {
    const { queue, send, receive, outcomes } = scene()
    send('a')
    for (let turn = 1; turn <= 10; turn += 1) {
      const got = receive()
      expect(got?.pending.deliveryCount).toBe(turn)
      queue.settle('d', got?.token ?? '', 'abandon')
    }
    expect(receive()).toBeUndefined()
    expect(outcomes()).toEqual(['a DeliveryCountExceeded'])
  })

  test('expires after an hour, or when its sender said, although no device ever comes', () => {
    const { hub, queue, send, outcomes } = scene()
    send('usual')
    queue.send('d', message({ messageId: 'short', expiresAt: hub.clock.now() + 1000 }))
    hub.clock.advance(999)
    expect(queue.count('d')).toBe(2)
    hub.clock.advance(1)
    expect(outcomes()).toEqual(['short Expired'])
    hub.clock.advance(hourMs)
    expect(outcomes()).toEqual(['short Expired', 'usual Expired'])
    expect(hub.clock.timerCount).toBe(0)
  })

  test('that expires in the hands of a device cannot be completed any more', () => {
    const { hub, queue, receive, outcomes } = scene()
    queue.send('d', message({ expiresAt: hub.clock.now() + 1000 }))
    const got = receive()
    hub.clock.advance(1000)
    expect(() => {
      queue.settle('d', got?.token ?? '', 'complete')
    }).toThrow(failure('DeviceMessageLockLost'))
    expect(outcomes()).toEqual(['m Expired'])
  })

  test('is one of fifty at most, received ones included; one that ends makes room', () => {
    const { queue, send, receive } = scene()
    for (let number = 1; number <= 50; number += 1) send(`m${number}`)
    const got = receive()
    expect(() => {
      send('one too many')
    }).toThrow(failure('DeviceMaximumQueueDepthExceeded'))
    queue.settle('d', got?.token ?? '', 'complete')
    send('fits')
    expect(queue.count('d')).toBe(50)
  })

  test('has at most 64 KB with its properties', () => {
    const { queue } = scene()
    queue.send(
      'd',
      message({ messageId: 'id', body: Buffer.alloc(64 * 1024 - 8), properties: { key: 'val' } }),
    )
    expect(() => queue.send('d', message({ body: Buffer.alloc(64 * 1024) }))).toThrow(
      failure('MessageTooLarge'),
    )
  })

  test('to nobody is DeviceNotFound', () => {
    const { queue } = scene()
    expect(() => queue.send('nobody', message())).toThrow(failure('DeviceNotFound'))
    expect(() => queue.purge('nobody')).toThrow(failure('DeviceNotFound'))
  })

  test('cannot be settled with the lock of another device', () => {
    const { hub, queue, send, receive } = scene()
    addDevice(hub, 'thief')
    send('a')
    const got = receive()
    expect(() => {
      queue.settle('thief', got?.token ?? '', 'complete')
    }).toThrow(failure('DeviceMessageLockLost'))
    expect(queue.count('d')).toBe(1)
  })
})

describe('purge', () => {
  test('drops what nobody has received, and says so', () => {
    const { queue, send, receive, outcomes } = scene()
    send('received', 'b', 'c')
    const got = receive()
    expect(queue.purge('d')).toBe(2)
    expect(outcomes()).toEqual(['b Purged', 'c Purged'])
    queue.settle('d', got?.token ?? '', 'complete')
    expect(queue.count('d')).toBe(0)
  })
})

test('the messages of a device that is deleted are gone, and a new device of that name has none', () => {
  const { hub, queue, send, changes, outcomes } = scene()
  send('a')
  hub.registry.delete('d', '*')
  addDevice(hub, 'd')
  expect([queue.count('d'), outcomes(), hub.clock.timerCount]).toEqual([0, [], 0])
  expect(changes.at(-1)).toMatchObject({ deviceId: 'd', pending: undefined })
})

test('the registry and the twin show how many messages a device has', () => {
  const { hub, queue, send, receive } = scene()
  const counts = () => [
    hub.registry.get('d').cloudToDeviceMessageCount,
    twinView(hub.registry.get('d'))['cloudToDeviceMessageCount'],
  ]
  send('a', 'b')
  expect(counts()).toEqual([2, 2])
  queue.settle('d', receive()?.token ?? '', 'complete')
  expect(counts()).toEqual([1, 1])
  hub.clock.advance(3_600_000)
  expect(counts()).toEqual([0, 0])
})

test('a link hears of each message, until it listens no more', () => {
  const { queue, send } = scene()
  let wakeUps = 0
  const stop = queue.onAvailable('d', () => (wakeUps += 1))
  send('a', 'b')
  stop()
  send('c')
  expect(wakeUps).toBe(2)
})

test('feedback names the message, the device and when it ended', () => {
  const { hub, queue, send, receive, feedback } = scene()
  send('a')
  hub.clock.advance(5)
  queue.settle('d', receive()?.token ?? '', 'complete')
  const { generationId } = hub.registry.get('d')
  expect(feedback).toEqual([
    {
      originalMessageId: 'a',
      outcome: 'Success',
      deviceId: 'd',
      deviceGenerationId: generationId,
      at: hub.clock.now(),
    },
  ])
})

test('what onChange told makes the same queue in another hub', () => {
  const { queue, send, receive, changes } = scene()
  send('a', 'b', 'c')
  queue.settle('d', receive()?.token ?? '', 'complete')
  queue.settle('d', receive()?.token ?? '', 'abandon')
  const kept = new Map(changes.map(({ sequenceNumber, pending }) => [sequenceNumber, pending]))
  const other = newHub()
  addDevice(other, 'd')
  for (const pending of kept.values()) if (pending) other.cloudToDevice.restore('d', pending)
  const first = other.cloudToDevice.lockNext('d')
  expect(first?.pending).toMatchObject({ deliveryCount: 2, message: { messageId: 'b' } })
  expect(other.cloudToDevice.count('d')).toBe(2)
  expect(other.cloudToDevice.send('d', message()).sequenceNumber).toBe(4)
})

test.each([
  ['none', 'Success', false],
  ['none', 'Expired', false],
  ['positive', 'Success', true],
  ['positive', 'Rejected', false],
  ['negative', 'Success', false],
  ['negative', 'Purged', true],
  ['full', 'Success', true],
  ['full', 'DeliveryCountExceeded', true],
] as const)('iothub-ack %s and the outcome %s: feedback is %s', (acknowledgement, outcome, isWanted) => {
  expect(wantsFeedback(acknowledgement, outcome)).toBe(isWanted)
})

test('iothub-ack is none when it is absent, and refused when it is no documented word', () => {
  expect([parseAcknowledgement(undefined), parseAcknowledgement('full')]).toEqual(['none', 'full'])
  expect(() => parseAcknowledgement('always')).toThrow(failure('ArgumentInvalid'))
})
