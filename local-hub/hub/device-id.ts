import { invalid, notImplemented } from './hub-error.ts'

/** https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-identity-registry#device-identity-properties */
const allowed = /^[A-Za-z0-9\-.%_*?!(),:=@$']{1,128}$/

export function assertModuleId(moduleId: unknown): asserts moduleId is string {
  if (typeof moduleId === 'string' && moduleId.startsWith('$edge')) {
    throw notImplemented(`IoT Edge modules such as ${moduleId}`)
  }
  if (typeof moduleId === 'string' && allowed.test(moduleId)) return
  throw invalid("A module id is 1 to 128 of the characters A-Z a-z 0-9 - . % _ * ? ! ( ) , : = @ $ '")
}

export function assertDeviceId(deviceId: unknown): asserts deviceId is string {
  if (typeof deviceId !== 'string' || !allowed.test(deviceId)) {
    throw invalid("A device id is 1 to 128 of the characters A-Z a-z 0-9 - . % _ * ? ! ( ) , : = @ $ '")
  }
}
