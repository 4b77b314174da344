import type { CampaignFile } from '../../contract/app/campaign-file.ts'
import type { ActionParameters } from '../../contract/app/parameters.ts'

/** What a campaign is as a command of the Azure CLI. */
export interface AzCommands {
  /** One a line. */
  readonly commands: string
  /** What the commands cannot say. */
  readonly notes: readonly string[]
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
      `--hub-name ${quoted(hubName)}`,
      `--job-id ${quoted(jobId(campaign.name, index))}`,
      ...job,
      `--query-condition ${quoted(condition)}`,
      `--ttl ${ttlSeconds}`,
    ].join(' '),
  )
  return { commands: commands.join('\n'), notes: notesOf(campaign, conditions.length) }
}

function jobOf(parameters: ActionParameters): readonly string[] {
  switch (parameters.kind) {
    case 'desired':
      return [
        '--job-type scheduleUpdateTwin',
        `--patch ${quoted(patchOf({ properties: { desired: parameters.patch } }))}`,
      ]
    case 'tags':
      return ['--job-type scheduleUpdateTwin', `--patch ${quoted(patchOf({ tags: parameters.patch }))}`]
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

type MethodParameters = Exclude<ActionParameters, { kind: 'desired' | 'tags' }>

function methodJob(parameters: MethodParameters): readonly string[] {
  const { methodName, payload, timeoutMs } = methodOf(parameters)
  const seconds = Math.ceil(timeoutMs / 1000)
  return [
    '--job-type scheduleDeviceMethod',
    `--method-name ${quoted(methodName)}`,
    `--method-payload ${quoted(payload)}`,
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

/** The hub takes letters, digits and a few signs in the id of a job. */
function jobId(name: string, index: number): string {
  const base = name
    .replaceAll(/[^A-Za-z0-9-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 96)
  return `${base === '' ? 'campaign' : base}-${index + 1}`
}

/** Single quotes: nothing in them means anything to a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

function notesOf({ parameters, policy }: CampaignFile, jobs: number): readonly string[] {
  const notes: [boolean, string][] = [
    [
      jobs > 1,
      'The devices do not fit in one condition. An S1 hub runs one job at a time: wait for each to end.',
    ],
    [
      (policy?.waves.length ?? 0) > 0,
      'A job asks all its devices: there are no waves, no gate and no approval.',
    ],
    [policy?.abort !== undefined, 'A job does not stop by itself when too many devices fail.'],
    [policy?.mostPerMinute !== undefined, 'A job goes at the pace of the hub; it cannot go more slowly.'],
    [policy?.window !== undefined, "A job begins at one time for all, whatever the devices' own clocks say."],
    [policy?.offline.mode === 'wait', 'A job waits for a device no longer than its connect timeout.'],
    [!isPatch(parameters), 'A job says what each device answered, and not whether it did what it was asked.'],
    [
      hasActionId(parameters),
      'A job sends everybody the same payload, so there is no action id to prove it by.',
    ],
    [
      parameters.kind === 'factoryReset',
      "Drover's own agent asks for a second request before it resets: a job has none.",
    ],
    [
      parameters.kind === 'firmwareUpdate' && parameters.release !== undefined,
      "Drover's own agent refuses an update without the signed release, which a job does not carry here.",
    ],
  ]
  return notes.filter(([applies]) => applies).map(([, note]) => note)
}

function isPatch({ kind }: ActionParameters): boolean {
  return kind === 'desired' || kind === 'tags'
}

function hasActionId({ kind }: ActionParameters): boolean {
  return kind === 'reboot' || kind === 'factoryReset' || kind === 'firmwareUpdate'
}
