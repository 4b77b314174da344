import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodeFlags } from '../../build/agent-package/executable.ts'
import { packageFile } from '../../build/agent-package/layout.ts'
import type { Platform } from '../../build/agent-package/node-binary.ts'
import { packAgent } from '../../build/agent-package/pack-agent.ts'
import { hasTool, runTool } from '../../build/agent-package/run.ts'
import { buildApp } from '../../build/build.ts'
import { projectFolder } from '../../build/run-program.ts'
import { agentVersion } from '../../device-agent/version.ts'
import { openField, request, type Field } from './support/field.ts'
import { startInstalled } from './support/installed-agent.ts'
import { nodeMissing } from './support/node-missing.ts'

const folder = mkdtempSync(path.join(os.tmpdir(), 'drover-executable-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let field: Field
beforeAll(async () => {
  field = await openField()
})
afterAll(() => field.close())

const here = `${process.platform}-${process.arch}`
const emulator = 'qemu-aarch64-static'
/** Where Debian's libc6-arm64-cross and libstdc++6-arm64-cross put what a program of that architecture links to. */
const foreignRoot = '/usr/aarch64-linux-gnu'

/** The command that runs a program of this platform here, or why there is none. */
async function runnerOf(platform: Platform): Promise<readonly string[] | string> {
  if (platform === here) return []
  if (platform !== 'linux-arm64') return `this machine runs no programs of ${platform}`
  if (!(await hasTool(emulator))) return `there is no ${emulator} here`
  if (!existsSync(path.join(foreignRoot, 'lib/libstdc++.so.6')))
    return `there is no libstdc++6-arm64-cross here`
  return [emulator, '-L', foreignRoot]
}

async function make(platform: Platform): Promise<string> {
  const [file = ''] = await packAgent({ platform, outFolder: folder, formats: ['executable'] })
  return file
}

function settingsFile(stateFolder: string): string {
  const file = path.join(stateFolder, 'agent.conf')
  const ca = path.join(stateFolder, 'ca.pem')
  if (field.target.ca !== undefined) writeFileSync(ca, field.target.ca)
  const lines = [
    ...['simulate = yes', 'simulate-down = 0.3', `state-dir = ${stateFolder}`],
    ...[`connection-string-file = ${path.join(stateFolder, 'key')}`],
    ...(field.target.ca === undefined ? [] : [`ca = ${ca}`]),
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}

for (const platform of ['linux-x64', 'linux-arm64'] as const) {
  const runner = await runnerOf(platform)
  const missing = typeof runner === 'string' ? runner : await nodeMissing(platform)
  const because = missing === undefined ? '' : ` (skipped: ${missing})`

  describe.skipIf(missing !== undefined)(`the executable for ${platform}${because}`, () => {
    let file = ''
    let program = ''
    let before: readonly string[] = []
    beforeAll(async () => {
      file = await make(platform)
      const command = typeof runner === 'string' ? [] : [...runner, file]
      ;[program = '', ...before] = command
    })

    test('needs nothing beside it, and says which agent it is', async () => {
      expect(path.basename(file)).toBe(`drover-agent-${agentVersion}-${platform}`)
      expect(statSync(file).mode & 0o777).toBe(0o755)
      expect(await runTool(program, [...before, '--version'])).toBe(`${agentVersion}\n`)
    })

    test('takes no orders from the environment of Node', async () => {
      const env = { ...process.env, NODE_OPTIONS: '--require /no/such/file' }
      const said = await runTool(program, [...before, '--version'], { env })
      expect(said).toBe(`${agentVersion}\n`)
    })

    test('tells nothing of the machine that made it', () => {
      const bytes = readFileSync(file)
      expect(bytes.includes(projectFolder)).toBe(false)
      expect(bytes.includes('sourceMappingURL=drover-agent')).toBe(false)
    })

    test('reboots a simulated machine for a hub', async () => {
      const device = await field.newDevice()
      const conf = settingsFile(device.stateFolder)
      writeFileSync(path.join(device.stateFolder, 'key'), device.connectionString, { mode: 0o600 })
      const agent = await startInstalled(program, ['--config', conf], before)
      expect((await device.call(request('action-1'))).status).toBe(202)
      expect(await device.outcome('action-1')).toMatchObject({ status: 'completed' })
      expect(await agent.stop()).toBe(0)
    })
  })
}

test('the packages run the agent with the same flags as the executables', () => {
  expect(readFileSync(packageFile('drover-agent'), 'utf8')).toContain(`/node" ${nodeFlags.join(' ')} "$lib/`)
})

test('the program is plain ASCII, of which V8 keeps one byte a letter, and holds no storage SDK', async () => {
  await buildApp()
  const bytes = readFileSync(path.join(projectFolder, 'out/agent/drover-agent.cjs'))
  expect(bytes.every((byte) => byte < 0x80)).toBe(true)
  expect(bytes.includes('class BlockBlobClient')).toBe(false)
  expect(bytes.length).toBeLessThan(2_000_000)
}, 120_000)
