import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collect = (options: { readonly type: 'minor' }) => void

/**
 * Frees the buffers that a transfer has left behind, after so many bytes each. V8 does not count what lies outside of
 * its heap until 64 MiB of it have gathered, which is more than a small device has to spare.
 */
export function bufferCollector(everyBytes: number): (bytes: number) => void {
  setFlagsFromString('--expose-gc')
  // The flag counts for contexts that are made from now on.
  const collect: unknown = runInNewContext('gc')
  let bytesSince = 0
  return (bytes) => {
    bytesSince += bytes
    if (bytesSince < everyBytes || !isCollect(collect)) return
    bytesSince = 0
    collect({ type: 'minor' })
  }
}

function isCollect(value: unknown): value is Collect {
  return typeof value === 'function'
}
