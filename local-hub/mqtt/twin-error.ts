import { trackingId } from '../hub/hub-error.ts'

/** The body of a twin response that says no: https://github.com/Azure/azure-iot-sdk-csharp/issues/1741 shows a real one. */
export function twinErrorJson({ number, message }: { number: number; message: string }): string {
  const timestampUtc = new Date().toISOString()
  return JSON.stringify({ errorCode: number, trackingId: trackingId(), message, timestampUtc })
}
