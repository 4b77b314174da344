import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { Desk, recordStatuses, type Outcome } from '../tests/e2e/support/desk.ts'
import { launchApp, type LaunchedApp } from '../tests/e2e/support/launch-app.ts'
import { projectFolder } from './run-program.ts'

/** What the demo devices are expected to come to, and why. */
const proven = { status: 'succeeded', words: /Boot id \S+ → \S+/ }
const notProvable = { status: 'unknown', words: /cannot prove/ }
const neverReturns = { status: 'unknown', words: /deadline/ }

const single = 'pump-0001'
const selection: ReadonlyMap<string, Expected> = new Map([
  ...[
    'pump-0002',
    'pump-0003',
    'valve-0001',
    'valve-0002',
    'gateway-0001',
    'gateway-0002',
    'gateway-0003',
    "lab'rig=(7)?1%2f",
  ].map((deviceId): [string, Expected] => [deviceId, proven]),
  ['meter-0001', notProvable],
  ['camera-0002', neverReturns],
])

interface Expected {
  readonly status: string
  readonly words: RegExp
}

const shots = path.join(projectFolder, 'out/demo')

/** Numbered pictures of the window, in the order in which they were taken. */
class Album {
  readonly #app: LaunchedApp
  #count = 0

  constructor(app: LaunchedApp) {
    this.#app = app
  }

  async take(name: string): Promise<void> {
    this.#count += 1
    const file = `${String(this.#count).padStart(2, '0')}-${name}.png`
    await this.#app.page.screenshot({ path: path.join(shots, file), animations: 'disabled' })
    console.log(`  out/demo/${file}`)
  }
}

/** npm run demo: the main job with no hands and no display. Returns what was not as it should be. */
async function demo(app: LaunchedApp): Promise<string[]> {
  const desk = new Desk(app.page)
  const album = new Album(app)
  await app.page.setViewportSize({ width: 1280, height: 800 })
  console.log('The local hub and its 25 devices come up.')
  await desk.online(24)
  await album.take('fleet')

  console.log(`One device: ${single}.`)
  const seen = await recordStatuses(app.page, single)
  await desk.openMenu(single)
  await album.take('context-menu')
  await app.page.keyboard.press('Escape')
  await desk.askToReboot(single)
  await album.take('confirm-one')
  await desk.confirmReboot()
  await desk.target(single).and(app.page.locator('[data-phase=away]')).waitFor()
  await album.take('disconnected')
  const first = await desk.outcomeOf(single)
  await album.take('proven')

  console.log(
    `A selection of ${selection.size}, one of which cannot prove it and one of which never returns.`,
  )
  await desk.select([...selection.keys()])
  await desk.askToReboot([...selection.keys()].at(-1) ?? single)
  await album.take('confirm-ten')
  await desk.confirmReboot('15 seconds')
  await desk.target('pump-0002').and(app.page.locator('[data-status=working]')).waitFor()
  await album.take('ten-under-way')
  const outcomes: Outcome[] = []
  for (const deviceId of selection.keys()) outcomes.push(await desk.outcomeOf(deviceId))
  await album.take('ten-settled')
  await app.page.emulateMedia({ colorScheme: 'dark' })
  await album.take('dark')

  printTable([first, ...outcomes])
  return [
    ...wrongStatuses(await seen()),
    ...wrong(first, proven),
    ...outcomes.flatMap((outcome) => wrong(outcome, selection.get(outcome.deviceId))),
  ]
}

function wrongStatuses(seen: readonly string[]): string[] {
  const expected = ['accepted', 'away', 'succeeded']
  const shown = seen.filter((word) => expected.includes(word))
  return shown.join() === expected.join()
    ? []
    : [`${single} was shown as ${seen.join(', ')}, not as ${expected.join(', ')}.`]
}

function wrong({ deviceId, status, words }: Outcome, expected: Expected | undefined): string[] {
  if (expected && status === expected.status && expected.words.test(words)) return []
  return [`${deviceId} is ${status} ("${words}"); expected was ${expected?.status ?? 'nothing'}.`]
}

function printTable(outcomes: readonly Outcome[]): void {
  const width = Math.max(...outcomes.map(({ deviceId }) => deviceId.length))
  console.log(`\n${'device'.padEnd(width)}  status     evidence or reason`)
  for (const { deviceId, status, words } of outcomes) {
    console.log(`${deviceId.padEnd(width)}  ${status.padEnd(9)}  ${words}`)
  }
  console.log('')
}

async function run(): Promise<number> {
  rmSync(shots, { recursive: true, force: true })
  mkdirSync(shots, { recursive: true })
  const app = await launchApp()
  try {
    const problems = await demo(app)
    for (const problem of problems) console.error(problem)
    if (problems.length === 0) console.log('Everything is as it should be.')
    return problems.length === 0 ? 0 : 1
  } catch (error) {
    await app.page.screenshot({ path: path.join(shots, '99-failed.png') }).catch(() => undefined)
    console.error(error, `\nThe app printed:\n${app.output()}`)
    return 1
  } finally {
    await app.close()
  }
}

process.exit(await run())
