import { CommandNote, type CampaignFile } from '../../contract/app/campaign-file.ts'
import type { CampaignParameters } from '../../contract/app/parameters.ts'

/** What a campaign is as a command of the Azure CLI. */
export interface AzCommands {
  /** One a line. */
  readonly commands: string
  /** What the commands cannot say. */
  readonly notes: readonly CommandNote[]
}

/** So many ids go into one condition: the hub takes queries of up to 8,192 characters, and shells have limits too. */
const longestCondition = 7_000
/** A job may take as long as this at most: the CLI's own default, in seconds. */
const longestJobSeconds = 86_400

/**
 * The campaign as `az iot hub job create`, quoted for a POSIX shell. The hub's own jobs know one wave, no gate and no
 * proof, so the notes say what of the campaign is lost.
 */
export function azCommands(campaign: CampaignFile, hubName: string): AzCommands {
  const job = jobOf(campaign.parameters)
  const conditions = conditionsOf(campaign.deviceIds)
  const ttlSeconds = Math.min(longestJobSeconds, Math.ceil(campaign.deadlineMs / 1000))
  const commands = conditions.map((condition, index) =>
    [
      'az iot hub job create',
      option('hub-name', hubName),
      option('job-id', jobId(campaign.name, index)),
      ...job,
      option('query-condition', condition),
      `--ttl ${ttlSeconds}`,
    ].join(' '),
  )
  return { commands: commands.join('\n'), notes: notesOf(campaign, conditions.length) }
}

function jobOf(parameters: CampaignParameters): readonly string[] {
  switch (parameters.kind) {
    case 'desired':
      return [
        '--job-type scheduleUpdateTwin',
        option('patch', patchOf({ properties: { desired: parameters.patch } })),
      ]
    case 'tags':
      return ['--job-type scheduleUpdateTwin', option('patch', patchOf({ tags: parameters.patch }))]
    default:
      return methodJob(parameters)
  }
}

/** The patch is text that a person wrote; it goes in as it was written. */
function patchOf(sections: {
  readonly tags?: string
  readonly properties?: { readonly desired: string }
}): string {
  return sections.properties
    ? `{"properties":{"desired":${sections.properties.desired}}}`
    : `{"tags":${sections.tags ?? '{}'}}`
}

type MethodParameters = Exclude<CampaignParameters, { kind: 'desired' | 'tags' }>

function methodJob(parameters: MethodParameters): readonly string[] {
  const { methodName, payload, timeoutMs } = methodOf(parameters)
  const seconds = Math.ceil(timeoutMs / 1000)
  return [
    '--job-type scheduleDeviceMethod',
    option('method-name', methodName),
    option('method-payload', payload),
    `--method-connect-timeout ${seconds}`,
    `--method-response-timeout ${seconds}`,
  ]
}

/** A job has one payload for all, so there is no action id in it: what a device without our agent would get. */
function methodOf(parameters: MethodParameters): {
  readonly methodName: string
  readonly payload: string
  readonly timeoutMs: number
} {
  const timeoutMs = 30_000
  switch (parameters.kind) {
    case 'method':
      return {
        methodName: parameters.methodName,
        payload: parameters.payload.trim() === '' ? 'null' : parameters.payload,
        timeoutMs: parameters.responseTimeoutMs,
      }
    case 'reboot':
      return { methodName: 'reboot', payload: 'null', timeoutMs }
    case 'factoryReset':
      return { methodName: 'factoryReset', payload: 'null', timeoutMs }
    case 'firmwareUpdate': {
      const { fwPackageUri, fwVersion } = parameters
      return { methodName: 'firmwareUpdate', payload: JSON.stringify({ fwPackageUri, fwVersion }), timeoutMs }
    }
  }
}

/** The devices by their ids, in as few conditions as the hub's limit allows. */
function conditionsOf(deviceIds: readonly string[]): readonly string[] {
  const conditions: string[][] = [[]]
  let length = 0
  for (const id of deviceIds) {
    const literal = `'${id.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
    if (length + literal.length > longestCondition) {
      conditions.push([])
      length = 0
    }
    conditions.at(-1)?.push(literal)
    length += literal.length + 1
  }
  return conditions.map((literals) => `deviceId IN [${literals.join(',')}]`)
}

/**
 * The hub takes letters, digits and dashes in the id of a job, 64 of them:
 * https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-jobs
 */
function jobId(name: string, index: number): string {
  const number = `-${index + 1}`
  const base = name
    .replaceAll(/[^A-Za-z0-9-]+/g, '-')
    .slice(0, longestJobId - number.length)
    .replaceAll(/^-+|-+$/g, '')
  return `${base === '' ? 'campaign' : base}${number}`
}

const longestJobId = 64

/** In one word, so that a value that begins with a dash is no option of its own. */
function option(name: string, value: string): string {
  return `--${name}=${quoted(value)}`
}

/** Single quotes: nothing in them means anything to a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

function notesOf({ parameters, policy }: CampaignFile, jobs: number): readonly CommandNote[] {
  const notes: Record<CommandNote, boolean> = {
    'many-jobs': jobs > 1,
    'no-waves': (policy?.waves.length ?? 0) > 0,
    'no-stop': policy?.abort !== undefined,
    'no-pace': policy?.mostPerMinute !== undefined,
    'no-window': policy?.window !== undefined,
    'no-patience': policy?.offline.mode === 'wait',
    'no-proof': !isPatch(parameters),
    'no-action-id': hasActionId(parameters),
    'no-second-call': parameters.kind === 'factoryReset',
    'no-release': parameters.kind === 'firmwareUpdate' && parameters.release !== undefined,
    'reads-file': parameters.kind === 'method' && parameters.methodName.startsWith('@'),
  }
  return CommandNote.options.filter((note) => notes[note])
}

function isPatch({ kind }: CampaignParameters): boolean {
  return kind === 'desired' || kind === 'tags'
}

function hasActionId({ kind }: CampaignParameters): boolean {
  return kind === 'reboot' || kind === 'factoryReset' || kind === 'firmwareUpdate'
}
