import { deviceIdOf, ok } from './route.ts'
import type { Route } from './route.ts'

/** What a back end may ask about messages to devices over HTTPS; it sends them over AMQP. */
export const cloudToDeviceRoutes: readonly Route[] = [
  {
    /** https://learn.microsoft.com/rest/api/iothub/service/cloud-to-device-messages/purge-cloud-to-device-message-queue */
    method: 'DELETE',
    path: ['devices', ':deviceId', 'commands'],
    right: 'ServiceConnect',
    handle({ cloudToDevice }, request) {
      const deviceId = deviceIdOf(request)
      return ok({ totalMessagesPurged: cloudToDevice.purge(deviceId), deviceId, moduleId: null })
    },
  },
]
