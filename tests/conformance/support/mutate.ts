import type { Random } from '../../../local-hub/fleet/seeded-random.ts'

/** What a stranger may make of valid bytes: something close to them, or nothing like them. The same for the same numbers. */
export function mutate(valid: Uint8Array, random: Random): Buffer {
  const times = 1 + whole(random, 4)
  let bytes: Buffer = Buffer.from(valid)
  for (let index = 0; index < times; index += 1) bytes = pick(mutations, random)(bytes, random)
  return bytes
}

export function pick<Item>(items: readonly Item[], random: Random): Item {
  return items[whole(random, items.length)] as Item
}

/** From 0 to below the limit. */
export function whole(random: Random, limit: number): number {
  return Math.floor(random() * limit)
}

type Mutation = (bytes: Buffer, random: Random) => Buffer

const interesting = [0, 1, 0x0a, 0x0d, 0x22, 0x25, 0x2f, 0x30, 0x7f, 0x80, 0xc0, 0xed, 0xff]

const mutations: readonly Mutation[] = [
  function flipBit(bytes, random) {
    const copy = Buffer.from(bytes)
    const at = whole(random, copy.length)
    if (copy.length > 0) copy[at] = (copy[at] ?? 0) ^ (1 << whole(random, 8))
    return copy
  },
  function setByte(bytes, random) {
    const copy = Buffer.from(bytes)
    if (copy.length > 0) copy[whole(random, copy.length)] = pick(interesting, random)
    return copy
  },
  function truncate(bytes, random) {
    return bytes.subarray(0, whole(random, bytes.length + 1))
  },
  function repeat(bytes, random) {
    const from = whole(random, bytes.length)
    const part = bytes.subarray(from, from + whole(random, 50))
    return Buffer.concat([bytes, ...Array.from({ length: whole(random, 20) }, () => part)])
  },
  function insert(bytes, random) {
    const at = whole(random, bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, at), noise(random, whole(random, 30)), bytes.subarray(at)])
  },
  function remove(bytes, random) {
    const at = whole(random, bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + whole(random, 10))])
  },
  function replaceAll(bytes, random) {
    return noise(random, bytes.length)
  },
]

function noise(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => whole(random, 256)))
}
