import { invalid } from '../hub/hub-error.ts'
import type { Partition } from './partition.ts'

const filter = /^\s*amqp\.annotation\.(x-opt-[a-z-]+)\s*(>=?)\s*'([^']*)'\s*$/

/**
 * The sequence number with which a reader begins, from a filter as the Event Hubs SDKs write it, for example
 * `amqp.annotation.x-opt-offset > '-1'`. Without a filter it is the oldest event. Throws ArgumentInvalid.
 */
export function startOf(partition: Partition, selector: string | undefined): number {
  if (selector === undefined) return partition.firstSequenceNumber
  const [, annotation, operator, value = ''] = filter.exec(selector) ?? []
  const isInclusive = operator === '>='
  switch (annotation) {
    case 'x-opt-offset':
      return value === '@latest' ? latest(partition, isInclusive) : afterOffset(partition, value, isInclusive)
    case 'x-opt-sequence-number':
      return afterSequenceNumber(partition, numberOf(value), isInclusive)
    case 'x-opt-enqueued-time': {
      const time = numberOf(value)
      return partition.findFirst(
        ({ enqueuedAt }) => enqueuedAt > time || (isInclusive && enqueuedAt === time),
      )
    }
    default:
      throw invalid('The filter should compare an offset, a sequence number or an enqueued time')
  }
}

function latest({ nextSequenceNumber, firstSequenceNumber }: Partition, isInclusive: boolean): number {
  return isInclusive ? Math.max(firstSequenceNumber, nextSequenceNumber - 1) : nextSequenceNumber
}

function afterOffset(partition: Partition, text: string, isInclusive: boolean): number {
  const wanted = numberOf(text)
  return partition.findFirst(({ offset }) => offset > wanted || (isInclusive && offset === wanted))
}

function afterSequenceNumber(partition: Partition, wanted: number, isInclusive: boolean): number {
  const start = isInclusive ? wanted : wanted + 1
  // What is to come can be waited for, but not further than the next.
  return Math.min(Math.max(start, partition.firstSequenceNumber), partition.nextSequenceNumber)
}

function numberOf(text: string): number {
  if (/^-?\d{1,16}$/.test(text)) return Number(text)
  throw invalid('A position should be a whole number')
}
