/** What a service request asks for, which decides its throttle, its price, and the faults that it may meet. */
export const operations = [
  'registry',
  'twinRead',
  'twinUpdate',
  'query',
  'directMethod',
  'job',
  'diagnostics',
] as const

export type Operation = (typeof operations)[number]

/** By method and pattern of the path, so that a route for modules is one for devices too. */
export function operationOf({ method, path }: { method: string; path: readonly string[] }): Operation {
  const [root, second] = path
  if (root === '$drover') return 'diagnostics'
  if (root === 'jobs') return 'job'
  if (root === 'devices' && second === 'query') return 'query'
  if (root !== 'twins') return 'registry'
  if (path.at(-1) === 'methods') return 'directMethod'
  return method === 'GET' ? 'twinRead' : 'twinUpdate'
}
