import type { Engine } from '../../contract/app/action.ts'
import type { Hold, Policy, WaveProgress, WaveSize } from '../../contract/app/policy.ts'
import { useFormats } from '../stores/formats.ts'
import { revealHidden } from '../model/json-layout.ts'
import { roughDuration } from './duration-words.ts'
import { useText, type Text } from './use-text.ts'

interface CampaignText extends Text {
  readonly share: (share: number) => string
  /** A time of a day that is near. */
  readonly moment: (instant: string) => string
}

/** A campaign in plain words: how it will go about its devices, and what it is waiting for. */
export function useCampaignWords() {
  const formats = useFormats()
  const text: CampaignText = {
    ...useText(),
    share: (share) => formats.percent.format(share),
    moment: (instant) => formats.moment.format(Date.parse(instant)),
  }
  return {
    share: text.share,
    moment: text.moment,
    /** One line: "1 device first, then 10 %, then the rest; stops when more than 5 % fail; …". */
    summaryOf: (policy: Policy, engine: Engine = 'methods', startAt?: string): string => {
      const parts = engine === 'job' ? [jobWords(startAt, text)] : partsOf(policy, text)
      const line = parts.join('; ')
      return `${line.charAt(0).toLocaleUpperCase()}${line.slice(1)}.`
    },
    holdWords: (hold: Hold, progress: WaveProgress | undefined): string => holdWords(hold, progress, text),
  }
}

function jobWords(startAt: string | undefined, { t, moment }: CampaignText): string {
  return startAt === undefined
    ? t('campaign.summary.job')
    : t('campaign.summary.jobAt', { time: moment(startAt) })
}

function partsOf(policy: Policy, text: CampaignText): string[] {
  const { t } = text
  return [
    waveWords(policy.waves, text),
    ...(policy.waves.length === 0 ? [] : gateWords(policy, text)),
    ...(policy.abort ? [t('campaign.summary.stop', { share: text.share(policy.abort.failureShare) })] : []),
    ...paceWords(policy, text),
    offlineWords(policy, text),
  ]
}

function waveWords(waves: readonly WaveSize[], text: CampaignText): string {
  const { t } = text
  const [first, ...others] = waves.map((wave) => ({ wave, size: sizeWords(wave, text) }))
  if (!first) return t('campaign.summary.once')
  if (others.length === 0)
    return isRest(first.wave)
      ? t('campaign.summary.once')
      : t('campaign.summary.atATime', { size: first.size })
  const words = others.map(({ wave, size }, index) =>
    isRest(wave) && index === others.length - 1
      ? t('campaign.summary.rest')
      : t('campaign.summary.then', { size }),
  )
  const isEnd = isRest(waves.at(-1))
  return [
    t('campaign.summary.first', { size: first.size }),
    ...words,
    ...(isEnd ? [] : [t('campaign.summary.again')]),
  ].join(', ')
}

function isRest(wave: WaveSize | undefined): boolean {
  return wave?.unit === 'percent' && wave.percent === 100
}

function sizeWords(wave: WaveSize, { tCount, share }: CampaignText): string {
  return wave.unit === 'devices' ? tCount('campaign.summary.devices', wave.count) : share(wave.percent / 100)
}

function gateWords({ gate }: Policy, text: CampaignText): string[] {
  const { t } = text
  const { successShare, soakMs, needsApproval } = gate
  return [
    ...(successShare === undefined ? [] : [t('campaign.summary.gate', { share: text.share(successShare) })]),
    ...(soakMs === 0 ? [] : [t('campaign.summary.soak', { duration: roughDuration(soakMs, text) })]),
    ...(needsApproval ? [t('campaign.summary.approval')] : []),
  ]
}

function paceWords({ mostPerMinute, window }: Policy, { t, number }: CampaignText): string[] {
  return [
    ...(mostPerMinute === undefined ? [] : [t('campaign.summary.pace', { count: number(mostPerMinute) })]),
    ...(window ? [t('campaign.summary.window', { from: window.from, to: window.to })] : []),
  ]
}

function offlineWords({ offline }: Policy, { t, moment }: CampaignText): string {
  return offline.mode === 'wait'
    ? t('campaign.summary.wait', { time: moment(offline.deliverBy) })
    : t(`campaign.summary.${offline.mode}`)
}

function holdWords(hold: Hold, progress: WaveProgress | undefined, text: CampaignText): string {
  const values = holdValues(hold, progress, text)
  if (hold.kind === 'offline') return text.tCount('hold.offline', hold.devices, values)
  const words = text.t(`hold.${hold.kind}`, values)
  if (hold.kind !== 'window') return words
  const zones = text.tCount('hold.windowZones', hold.zones)
  return text.tCount('hold.windowWaits', hold.devices, { words, zones })
}

function holdValues(
  hold: Hold,
  progress: WaveProgress | undefined,
  { number, share, moment }: CampaignText,
): Readonly<Record<string, string>> {
  const until = endOf(hold)
  if (until !== undefined) return { time: moment(until) }
  switch (hold.kind) {
    case 'paused':
      return { by: revealHidden(hold.by) }
    case 'approval':
      return { wave: number((progress?.wave ?? 0) + 1) }
    case 'gate':
      return { share: share(hold.share), needed: share(hold.needed) }
    default:
      return {}
  }
}

/** When it goes on by itself; undefined where a person decides. */
function endOf(hold: Hold): string | undefined {
  if ('until' in hold) return hold.until
  if (hold.kind === 'window') return hold.opensAt
  return hold.kind === 'scheduled' ? hold.startAt : undefined
}
