/** One side of `bench/methods.ts`: the local hub, and its devices in the same process. */
import { LocalHub } from '../local-hub/local-hub.ts'
import { connectEchoDevices, deviceIds, tellParent } from './echo-devices.ts'

const hub = await LocalHub.start()
for (const deviceId of deviceIds) await hub.createDevice(deviceId)
await connectEchoDevices((deviceId) => hub.deviceConnectionString(deviceId), hub.caCertificate)
const { hostName, httpsPort, caCertificate } = hub
tellParent({ hostName, httpsPort, caCertificate, connectionString: hub.serviceConnectionString() })
