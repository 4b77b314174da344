import type { Transport } from './hub-identity.ts'

/** The hub that a provisioning service has given to this device. */
export interface Assignment {
  /** To whom it was given: an agent that is somebody else now asks anew. */
  readonly enrolment: string
  readonly hostName: string
  readonly deviceId: string
}

/** What is good to know at the next start, and can be found out again. Holds no secret. */
export interface Remembered {
  /** The way that led to the hub the last time. */
  readonly transport?: Transport | undefined
  readonly assignment?: Assignment | undefined
  /** Since when no hub can be reached because by this machine's clock no certificate is valid. ISO, by that clock. */
  readonly clockBlocksSince?: string | undefined
}

export interface ConnectionRecord {
  readonly known: Remembered
  /** Resolves when it is durable. Does nothing when there is nothing new. */
  remember(news: Remembered): Promise<void>
}
