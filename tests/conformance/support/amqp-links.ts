import type { RawAmqp } from './raw-amqp.ts'

/** Addresses that a client may want to send to and to receive from. */
export interface Links {
  readonly senders: readonly string[]
  readonly receivers: readonly string[]
}

/** Those of back ends. */
export const hubLinks: Links = {
  senders: ['/messages/devicebound'],
  receivers: ['/messages/servicebound/feedback', '/messages/events/$management'],
}

export function deviceLinks(deviceId: string): Links {
  const of = (rest: string) => `/devices/${deviceId}/${rest}`
  return {
    senders: ['messages/events', 'twin', 'methods/devicebound'].map(of),
    receivers: ['messages/devicebound', 'twin', 'methods/devicebound'].map(of),
  }
}

/** Each with the way that its messages go. */
export function namesOf({ senders, receivers }: Links): readonly string[] {
  return [...senders.map((address) => `> ${address}`), ...receivers.map((address) => `< ${address}`)]
}

/** The addresses that are not refused for want of a right. */
export async function allowedOf(client: RawAmqp, ...links: readonly Links[]): Promise<readonly string[]> {
  const allowed: string[] = []
  const note = (name: string, refusal: { readonly condition?: string } | undefined) => {
    if (refusal?.condition !== 'amqp:unauthorized-access') allowed.push(name)
  }
  for (const { senders, receivers } of links) {
    for (const address of senders) note(`> ${address}`, await client.refusalOfSender(address))
    for (const address of receivers) note(`< ${address}`, await client.refusalOfReceiver(address))
  }
  return allowed
}
