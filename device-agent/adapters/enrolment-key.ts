import { createHmac } from 'node:crypto'

/**
 * The key of one device of an enrolment group. It is made where the group's key is, so that no device knows that one;
 * see https://learn.microsoft.com/azure/iot-dps/concepts-symmetric-key-attestation#group-enrollments
 */
export function deviceKeyOf(groupKey: string, registrationId: string): string {
  return createHmac('sha256', Buffer.from(groupKey, 'base64')).update(registrationId).digest('base64')
}
