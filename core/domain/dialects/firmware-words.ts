import type { WorkState } from './dialect.ts'

const stages: Readonly<Record<string, WorkState['stage']>> = {
  waiting: 'accepted',
  pending: 'accepted',
  downloading: 'downloading',
  downloadingimage: 'downloading',
  downloadcomplete: 'downloading',
  verifying: 'verifying',
  applying: 'applying',
  applyingfirmware: 'applying',
  rebooting: 'rebooting',
  applycomplete: 'done',
  applyfirmwareimagecomplete: 'done',
  firmwareupdated: 'done',
  current: 'done',
  downloadfailed: 'download-failed',
  downloadimagefailed: 'download-failed',
  applyfailed: 'apply-failed',
  applyimagefailed: 'apply-failed',
  error: 'failed',
  failed: 'failed',
  rolledback: 'rolled-back',
  cancelled: 'cancelled',
  canceled: 'cancelled',
}

/**
 * The stage that a status word of the public tutorials and samples stands for. They spell the same words in many ways
 * ("download complete", "downloadComplete", "Downloading image.."), so only letters count.
 */
export function firmwareStage(word: string): WorkState['stage'] | undefined {
  const letters = word.toLowerCase().replaceAll(/[^a-z]/g, '')
  return Object.hasOwn(stages, letters) ? stages[letters] : undefined
}
