import type { AgentOptions } from '../options.ts'
import { whyNot } from '../firmware/device-firmware.ts'
import { readTrustedKeys } from '../firmware/trusted-keys.ts'
import type { Finding } from './check.ts'

const subject = 'action firmwareUpdate'

/** What would become of an update on this machine. */
export async function checkFirmware({ firmware, simulatedDownMs }: AgentOptions): Promise<Finding> {
  if (simulatedDownMs !== undefined)
    return { verdict: 'note', subject, text: 'would only pretend: this machine is simulated' }
  const { unsignedModule, hardware, keysFolder, healthCheck } = firmware
  if (unsignedModule !== undefined)
    return {
      verdict: 'note',
      subject,
      text: `${unsignedModule} would install what anyone sends who has the hub`,
    }
  const refusal = await whyNot(firmware)
  if (refusal !== undefined)
    return { verdict: 'note', subject, text: `would be refused with 501: ${refusal}` }
  const keys = [...(await readTrustedKeys(keysFolder)).keys()].join(', ')
  const health = healthCheck === undefined ? 'the hub answers' : `the hub answers and ${healthCheck} agrees`
  const text = `takes what is for ${hardware ?? ''} and signed by ${keys}; keeps it if ${health}`
  return { verdict: 'ok', subject, text }
}
