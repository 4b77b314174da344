import { EventEmitter } from 'node:events'
import type { Sender } from 'rhea'
import { describe, expect, test } from 'vitest'
import { OutgoingLink } from './outgoing-link.ts'

/** A sender of rhea as far as a link sees it: its own counts follow when it writes, a turn later. */
class FakeSender extends EventEmitter {
  credit = 0
  delivery_count = 0
  readonly sent: unknown[] = []
  room = 2048
  isDrained = false

  is_open(): boolean {
    return true
  }

  sendable(): boolean {
    return this.credit > 0 && this.room > 0
  }

  send({ body }: { body: unknown }): { id: number } {
    this.sent.push(body)
    this.room -= 1
    return { id: this.sent.length - 1 }
  }

  set_drained(): void {
    this.isDrained = true
    this.delivery_count += this.credit
    this.credit = 0
  }

  /** What rhea does in the next turn. */
  write(): void {
    const unwritten = this.sent.length - this.delivery_count
    this.delivery_count += unwritten
    this.credit -= unwritten
  }

  grant(credit: number): void {
    this.credit += credit
    this.emit('sender_flow', {})
  }

  settle(id: number, event: 'accepted' | 'rejected' | 'released' | 'settled'): void {
    this.room += 1
    this.emit(event, { delivery: { id, remote_settled: true, update: () => undefined } })
  }
}

function scene(count: number) {
  const sender = new FakeSender()
  const waiting = Array.from({ length: count }, (_, number) => number)
  const outcomes: string[] = []
  const guard = (work: () => void) => {
    work()
  }
  const next = () => {
    const body = waiting.shift()
    if (body === undefined) return undefined
    return { message: { body }, onSettled: (outcome: string) => void outcomes.push(`${body} ${outcome}`) }
  }
  const link = new OutgoingLink({ sender: sender as unknown as Sender, guard, next })
  return { sender, link, waiting, outcomes }
}

describe('OutgoingLink', () => {
  test('sends as many as the client gave credit for, however often it is woken', () => {
    const { sender, link } = scene(10)
    link.wake()
    expect(sender.sent).toEqual([])
    sender.grant(3)
    link.wake()
    expect(sender.sent).toEqual([0, 1, 2])
    sender.write()
    link.wake()
    expect(sender.sent).toEqual([0, 1, 2])
    sender.grant(2)
    expect(sender.sent).toEqual([0, 1, 2, 3, 4])
  })

  test('waits when the session is full, and goes on when a delivery is settled', () => {
    const { sender, outcomes } = scene(5)
    sender.room = 2
    sender.grant(100)
    sender.write()
    expect(sender.sent).toEqual([0, 1])
    sender.settle(0, 'accepted')
    expect([sender.sent, outcomes]).toEqual([[0, 1, 2], ['0 accepted']])
  })

  test('tells each outcome once', () => {
    const { sender, outcomes } = scene(4)
    sender.grant(4)
    sender.settle(1, 'rejected')
    sender.settle(1, 'settled')
    sender.settle(0, 'released')
    sender.settle(2, 'settled')
    expect(outcomes).toEqual(['1 rejected', '0 released', '2 accepted'])
  })

  test('gives a client that takes its credit back what there is, and then the credit', () => {
    const { sender } = scene(2)
    sender.grant(2)
    sender.write()
    sender.credit = 5
    sender.emit('sender_draining', {})
    expect([sender.sent, sender.isDrained, sender.credit]).toEqual([[0, 1], true, 0])
    sender.grant(3)
    expect(sender.sent).toEqual([0, 1])
  })

  test('sends again after a drain, as far as the new credit goes', () => {
    const { sender, link, waiting } = scene(0)
    sender.grant(5)
    sender.emit('sender_draining', {})
    waiting.push(1, 2, 3)
    link.wake()
    expect(sender.sent).toEqual([])
    sender.delivery_count = 5
    sender.sent.length = 0
    sender.grant(2)
    expect(sender.sent).toEqual([1, 2])
  })
})
