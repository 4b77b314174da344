import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ModuleCall, ModuleResult, ModuleVerb } from '../ports/update-module.ts'
import { floorFile } from './floor-file.ts'
import type { AskedUpdate } from './installation.ts'
import { Installer } from './installer.ts'
import type { Judgement } from './plan.ts'

let folder = ''
const at = (name: string) => join(folder, name)
const floor = () => floorFile(at('floor'))

/** What was asked of the modules, in order, and what they saw then. */
let calls: { readonly verb: ModuleVerb; readonly module: string; readonly content: string | undefined }[] = []
let answers: Partial<Record<ModuleVerb, ModuleResult | Error>> = {}
let refusal: Judgement | undefined
let asked: AskedUpdate | undefined

const content = Buffer.from('the pump of tomorrow')
const done: ModuleResult = { kind: 'done', version: '2.0', needsReboot: false }

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-installer-'))
  ;[calls, answers, refusal, asked] = [[], {}, undefined, updateOf('a1', 'file')]
  await writeFile(at('downloaded'), content)
})
afterEach(() => rm(folder, { recursive: true }))

function updateOf(actionId: string, module: string): AskedUpdate {
  return {
    actionId,
    request: { fwPackageUri: 'https://a/b', manifest: JSON.stringify({ actionId, module }) },
  }
}

/** A process of root's, which knows only what is on the disk. */
function installer(): Installer {
  return new Installer({
    ...{ folder, floor: floor(), bootId: () => Promise.resolve('boot-1') },
    asked: () => Promise.resolve(asked),
    openPackage: () => open(at('downloaded')),
    judge: ({ manifest = '{}' }) => {
      const { module } = JSON.parse(manifest) as { module: string }
      const sha256 = createHash('sha256').update(content).digest('hex')
      const signed = { version: '2.0', sha256, size: content.length, sequence: 7 }
      return Promise.resolve(refusal ?? { plan: { address: 'https://a/b', module, ...signed } })
    },
    runModule: async ({ verb, module, package: { path } }: ModuleCall) => {
      calls.push({ verb, module, content: await readFile(path, 'utf8').catch(() => undefined) })
      const answer = answers[verb] ?? done
      if (answer instanceof Error) throw answer
      return answer
    },
  })
}

const ask = (verb: ModuleVerb) => installer().perform(verb, () => undefined)
const verbs = () => calls.map(({ verb, module }) => `${module} ${verb}`)

describe('an update', () => {
  test('is installed from a copy that was hashed, then committed, and raises the floor', async () => {
    expect(await ask('probe')).toEqual(done)
    expect(await ask('install')).toEqual(done)
    expect(calls.at(-1)?.content).toBe('the pump of tomorrow')
    expect(await floor().read()).toBeUndefined()
    expect(await ask('commit')).toEqual(done)
    expect(await floor().read()).toBe(7)
    expect(existsSync(at('package'))).toBe(false)
    expect(verbs()).toEqual(['file probe', 'file install', 'file commit'])
  })

  test.each(['unsigned', 'rollback'] as const)(
    'that root does not judge well, is not begun: %s',
    async (code) => {
      refusal = { problem: { code, message: 'no' } }
      expect(await ask('probe')).toEqual({ kind: 'unavailable', reason: `${code}: no` })
      expect(await ask('install')).toEqual({ kind: 'failed', reason: `${code}: no` })
      expect(verbs()).toEqual([])
    },
  )

  test('whose plan lacks what only a signature can give, is not begun', async () => {
    refusal = { plan: { address: 'https://a/b', module: 'file', version: '2.0' } }
    expect(await ask('install')).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('unsigned') as string,
    })
    expect(verbs()).toEqual([])
  })

  test('whose package is not the signed one, touches nothing, and leaves nothing behind', async () => {
    for (const wrong of ['the pump of yesterda', 'the pump', 'the pump of tomorrow and more']) {
      await writeFile(at('downloaded'), wrong)
      const result = await ask('install')
      if (wrong.length > content.length) expect(result).toEqual(done)
      else
        expect(result).toMatchObject({
          kind: 'failed',
          reason: expect.stringMatching(/wrong-(hash|size)/) as string,
        })
      expect(existsSync(at('package.new'))).toBe(false)
    }
    // Of what is longer, only the signed bytes were taken.
    expect(calls.map((call) => call.content)).toEqual(['the pump of tomorrow'])
  })

  test('is not asked for at all by a record without one', async () => {
    asked = undefined
    for (const verb of ['probe', 'install', 'commit', 'rollback'] as const)
      expect(await ask(verb)).toEqual({ kind: 'failed', reason: 'no firmware update is under way' })
  })
})

describe('what was interrupted', () => {
  test('may be installed again, from the copy, whatever has become of the package meanwhile', async () => {
    answers = { install: new Error('root was killed') }
    expect(await ask('install')).toMatchObject({ kind: 'failed' })
    await rm(at('downloaded'))
    answers = {}
    await writeFile(at('downloaded'), 'changed meanwhile')
    expect(await ask('install')).toEqual(done)
    expect(calls.at(-1)?.content).toBe('the pump of tomorrow')
  })

  test('cannot be committed: only what was installed as a whole can', async () => {
    answers = { install: { kind: 'failed', reason: 'the valve is stuck' } }
    await ask('install')
    expect(await ask('commit')).toEqual({ kind: 'failed', reason: 'this update is not installed as a whole' })
    expect(await floor().read()).toBeUndefined()
    expect(await ask('rollback')).toEqual(done)
    expect(await ask('rollback')).toMatchObject({ kind: 'done' })
    expect(verbs()).toEqual(['file install', 'file rollback'])
  })

  test('in its commit, is committed when it is asked again, and the floor is raised', async () => {
    await ask('install')
    answers = { commit: new Error('root was killed') }
    expect(await ask('commit')).toMatchObject({ kind: 'failed' })
    answers = {}
    expect(await ask('commit')).toEqual(done)
    expect(await ask('commit')).toMatchObject({ kind: 'done' })
    expect(await floor().read()).toBe(7)
  })

  test('is taken back before another update is begun, by an agent that has forgotten it', async () => {
    await ask('install')
    asked = updateOf('a2', 'deb')
    expect(await ask('install')).toEqual(done)
    expect(verbs()).toEqual(['file install', 'file rollback', 'deb install'])
    asked = updateOf('a1', 'file')
    expect(await ask('commit')).toEqual({ kind: 'failed', reason: 'nothing of this update is installed' })
  })

  test('keeps another update from beginning when it cannot be taken back', async () => {
    await ask('install')
    answers = { rollback: { kind: 'failed', reason: 'the disk is full' } }
    asked = updateOf('a2', 'deb')
    expect(await ask('install')).toEqual({
      kind: 'failed',
      reason: 'the update before cannot be taken back: the disk is full',
    })
    expect(verbs()).not.toContain('deb install')
  })

  test('by a module that is not for this device, keeps nothing from beginning', async () => {
    answers = { install: { kind: 'unavailable', reason: 'there is no radio' } }
    expect(await ask('install')).toMatchObject({ kind: 'unavailable' })
    answers = { rollback: { kind: 'unavailable', reason: 'there is no radio' } }
    asked = updateOf('a2', 'deb')
    expect(await ask('install')).toEqual(done)
  })
})

test('what was committed is not taken back, and nothing is done for an update that has never begun', async () => {
  expect(await ask('rollback')).toMatchObject({ kind: 'done' })
  expect(await ask('commit')).toEqual({ kind: 'failed', reason: 'nothing of this update is installed' })
  await ask('install')
  await ask('commit')
  expect(await ask('rollback')).toEqual({ kind: 'failed', reason: 'this update has been committed' })
  expect(verbs()).toEqual(['file install', 'file commit'])
})

test('a record of root that cannot be read stops everything, by name', async () => {
  await writeFile(at('installation'), '{"state":"committed"}')
  expect(await ask('install')).toMatchObject({ kind: 'failed' })
  expect(verbs()).toEqual([])
})
