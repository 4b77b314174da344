/** What a back end asks for, which decides its throttle, its price, and the faults that it may meet. */
export const serviceOperations = [
  'registry',
  'twinRead',
  'twinUpdate',
  'query',
  'directMethod',
  'job',
  'diagnostics',
] as const

/** What a device does over HTTPS. */
export const deviceRequests = ['telemetry', 'cloudToDevice'] as const

/** What a device does, whatever the protocol. */
export const deviceOperations = [
  'connection',
  ...deviceRequests,
  'deviceTwinRead',
  'deviceTwinUpdate',
  'methodAnswer',
] as const

/** What a back end does over AMQP. */
export const amqpOperations = ['sendToDevice', 'feedback', 'events'] as const

/** What comes as a request over HTTPS. */
export const operations = [...serviceOperations, ...deviceRequests] as const

export type ServiceOperation = (typeof serviceOperations)[number]
export type DeviceOperation = (typeof deviceOperations)[number]
export type AmqpOperation = (typeof amqpOperations)[number]
export type Operation = (typeof operations)[number]

/** By method and pattern of the path, so that a route for modules is one for devices too. */
export function operationOf({ method, path }: { method: string; path: readonly string[] }): Operation {
  const [root] = path
  if (root === '$drover') return 'diagnostics'
  if (root === 'jobs') return 'job'
  if (root === 'devices') return operationOnDevices(path)
  if (root !== 'twins') return 'registry'
  if (path.at(-1) === 'methods') return 'directMethod'
  return method === 'GET' ? 'twinRead' : 'twinUpdate'
}

function operationOnDevices(path: readonly string[]): Operation {
  if (path[1] === 'query') return 'query'
  if (path.includes('messages')) return path.includes('events') ? 'telemetry' : 'cloudToDevice'
  return 'registry'
}
