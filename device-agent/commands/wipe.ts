import { performReset } from '../adapters/configured-reset.ts'
import { readRecord } from '../adapters/state-file.ts'
import { untrustedFiles } from '../adapters/untrusted-file.ts'
import type { AgentOptions } from '../options.ts'
import type { Log } from '../ports/log.ts'

/**
 * What the privileged helper runs as root: wipes what the configuration names, for a factory reset that is under way
 * and has come to this. Rejects for anyone who runs it by hand.
 */
export async function wipeForReset(options: AgentOptions, log: Log): Promise<void> {
  const { running } = (await readRecord(options.stateFolder, log, untrustedFiles)) ?? {}
  if (running?.kind !== 'factoryReset' || running.step?.state !== 'wiping') {
    throw new Error('no factory reset is under way: this command is a part of one, and is not run by hand')
  }
  await performReset(options.reset, options)
}
