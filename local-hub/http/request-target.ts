/** Path and query as they were sent: a URL parser would take the device id `..` for a way up. */
export interface RequestTarget {
  readonly path: string
  readonly parameters: URLSearchParams
}

export function parseTarget(url: string): RequestTarget {
  const mark = url.indexOf('?')
  return mark === -1
    ? { path: url, parameters: new URLSearchParams() }
    : { path: url.slice(0, mark), parameters: new URLSearchParams(url.slice(mark + 1)) }
}
