import { connect } from 'node:net'

/** The only words that the helper knows. */
export type HelperVerb = 'reboot' | 'reboot-force' | 'wipe'

export interface Conversation {
  /** Of a socket that only the agent's user may open. */
  readonly socketPath: string
  /** The one word that is said. */
  readonly word: string
  /** Given up when nothing comes for so long. */
  readonly silenceMs: number
  readonly onText: (text: string) => void
  readonly signal?: AbortSignal
}

const answerTimeoutMs: Readonly<Record<HelperVerb, number>> = {
  reboot: 60_000,
  'reboot-force': 60_000,
  // As long as the wipe itself may take.
  wipe: 1_800_000,
}
const longestAnswer = 1_000

/**
 * Asks the privileged helper, which listens on a socket that only the agent's user may open, to do the one thing that
 * the agent itself has no right to. Resolves when it says `ok`; rejects with what else it says.
 */
export async function askHelper(socketPath: string, verb: HelperVerb): Promise<void> {
  let answer = ''
  const onText = (text: string) => {
    answer = (answer + text).slice(0, longestAnswer)
  }
  await sayWord({ socketPath, word: verb, silenceMs: answerTimeoutMs[verb], onText })
  if (answer.trim() === 'ok') return
  throw new Error(answer.trim() === '' ? 'it hung up' : answer.trim())
}

/** Says one word to a process with root's rights, and resolves when it has said all that it has to say. */
export function sayWord({ socketPath, word, silenceMs, onText, signal }: Conversation): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path: socketPath, ...(signal && { signal }) })
    socket.setEncoding('utf8')
    socket.setTimeout(silenceMs, () => {
      socket.destroy(new Error('it does not answer'))
    })
    socket.once('error', reject)
    socket.once('connect', () => {
      // Not ended: some socket servers take a half-closed connection for one that is gone.
      socket.write(`${word}\n`)
    })
    socket.on('data', onText)
    socket.once('end', () => {
      socket.destroy()
      resolve()
    })
  })
}
