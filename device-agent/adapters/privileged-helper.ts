import { connect } from 'node:net'

/** The only words that the helper knows. */
export type HelperVerb = 'reboot' | 'reboot-force' | 'wipe'

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
export function askHelper(socketPath: string, verb: HelperVerb): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath)
    let answer = ''
    socket.setEncoding('utf8')
    socket.setTimeout(answerTimeoutMs[verb], () => {
      socket.destroy(new Error('it does not answer'))
    })
    socket.once('error', reject)
    socket.once('connect', () => {
      // Not ended: some socket servers take a half-closed connection for one that is gone.
      socket.write(`${verb}\n`)
    })
    socket.on('data', (text: string) => {
      answer = (answer + text).slice(0, longestAnswer)
    })
    socket.once('end', () => {
      socket.destroy()
      if (answer.trim() === 'ok') resolve()
      else reject(new Error(answer.trim() === '' ? 'it hung up' : answer.trim()))
    })
  })
}
