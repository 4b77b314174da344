import { describe, expect, test } from 'vitest'
import { PeerUsage } from './peer-usage.ts'

const size = 100

function withLink(): PeerUsage {
  const usage = new PeerUsage()
  usage.begin(0, size)
  usage.attach(0, 0, size)
  return usage
}

const piece = (bytes: number, hasMore = true) => ({ channel: 0, handle: 0, bytes, hasMore })

describe('PeerUsage', () => {
  test('counts the sessions that are open, however many there were', () => {
    const usage = new PeerUsage()
    for (let round = 0; round < 1000; round += 1) {
      usage.begin(7, size)
      usage.end(7)
    }
    for (let channel = 0; channel < 64; channel += 1) usage.begin(channel, size)
    expect(() => {
      usage.begin(64, size)
    }).toThrow('too many sessions')
    usage.end(3)
    usage.begin(64, size)
  })

  test('counts the links that are open, over all sessions', () => {
    const usage = withLink()
    for (let round = 0; round < 5000; round += 1) {
      usage.attach(0, 1, size)
      usage.detach(0, 1)
    }
    usage.begin(1, size)
    for (let handle = 1; handle < 2048; handle += 1) usage.attach(1, handle, size)
    expect(() => {
      usage.attach(0, 1, size)
    }).toThrow('too many links')
    usage.end(1)
    usage.attach(0, 1, size)
  })

  test('has one session on a channel, and one link on a handle', () => {
    const usage = withLink()
    expect(() => {
      usage.begin(0, size)
    }).toThrow('has a session')
    expect(() => {
      usage.attach(0, 0, size)
    }).toThrow('has a link')
    for (const work of [() => usage.attach(1, 0, size), () => usage.end(1), () => usage.detach(1, 0)]) {
      expect(work).toThrow('has no session')
    }
    for (const work of [() => usage.detach(0, 5), () => usage.transfer({ ...piece(1), handle: 5 })]) {
      expect(work).toThrow('has no link')
    }
  })

  test('keeps no more than four kilobytes of what a session or a link says of itself', () => {
    const usage = withLink()
    expect(() => {
      usage.attach(0, 1, 4097)
    }).toThrow('too large')
    expect(() => {
      usage.begin(1, 4097)
    }).toThrow('too large')
  })

  test('takes a message of 256 KB in pieces of 450 bytes, again and again', () => {
    const usage = withLink()
    for (let round = 0; round < 20; round += 1) {
      for (let bytes = 0; bytes < 256 * 1024; bytes += 450) usage.transfer(piece(450))
      usage.transfer(piece(0, false))
      expect(usage.pendingOf(0, 0)).toBe(0)
    }
  })

  test('takes no message without end, also none of empty pieces', () => {
    expect(() => {
      for (const usage = withLink(); ;) usage.transfer(piece(60_000))
    }).toThrow('A delivery is too large')
    expect(() => {
      for (const usage = withLink(); ;) usage.transfer(piece(0))
    }).toThrow('A delivery is too large')
  })

  test('takes no end of messages that are not whole, and forgets those of links that end', () => {
    const usage = new PeerUsage()
    usage.begin(0, size)
    const open = (handle: number) => {
      usage.attach(0, handle, size)
      for (let count = 0; count < 5; count += 1) usage.transfer({ ...piece(60_000), handle })
    }
    for (let handle = 0; handle < 27; handle += 1) open(handle)
    for (let handle = 0; handle < 27; handle += 1) usage.detach(0, handle)
    expect(() => {
      for (let handle = 0; ; handle += 1) open(handle)
    }).toThrow('not whole')
  })
})
