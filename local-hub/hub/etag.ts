/** Compares an If-Match header, quoted or not; `*` matches everything. */
export function etagMatches(ifMatch: string, etag: string): boolean {
  const wanted = /^(?:W\/)?"(.*)"$/.exec(ifMatch)?.[1] ?? ifMatch
  return wanted === '*' || wanted === etag
}

/** Eight bytes, big-endian, in base64: what a twin's etag looks like on IoT Hub. */
export function etagOfRevision(revision: number): string {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(revision))
  return bytes.toString('base64')
}
