import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projectFolder } from '../../build/run-program.ts'
import { openService, rowsOf } from './support/service.ts'
import { localOnly, localTitle } from './support/target.ts'

describe.skipIf(localOnly)(localTitle('the hub as one file', 'ownHub'), () => {
  let folder: string
  let file: string

  beforeAll(async () => {
    // In a process of its own: Vite sets NODE_ENV for all that runs in the same one.
    const build = spawn(process.execPath, [join(projectFolder, 'build/bundle-hub.ts')], { stdio: 'inherit' })
    expect(await once(build, 'exit')).toEqual([0, null])
    folder = mkdtempSync(join(tmpdir(), 'drover-bundle-'))
    file = join(folder, 'drover-hub.mjs')
    copyFileSync(join(projectFolder, 'out/local-hub/drover-hub.mjs'), file)
  })

  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  test('says how it is started, and which Node it needs', async () => {
    const older = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.19.0' } })`
    const run = async (...args: readonly string[]) => {
      const child = spawn(process.execPath, [...args, file, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] })
      const texts = [child.stdout, child.stderr].map((stream) => stream.setEncoding('utf8').toArray())
      return (await Promise.all(texts)).flat().join('')
    }
    expect(await run()).toContain('Usage: node drover-hub.mjs [options]')
    expect(await run('--import', `data:text/javascript,${encodeURIComponent(older)}`)).toBe(
      'drover-hub.mjs needs Node 24 or later, and this is Node 20.19.0.\n',
    )
    // An older Node would stop at these, before it could say so.
    expect(readFileSync(file, 'utf8')).not.toMatch(/^import \{.*"node:/m)
  })

  test('runs where nothing is installed, with a fleet and a folder, and ends at Ctrl-C', async () => {
    const options = ['--fleet', 'demo', '--data', join(folder, 'data'), '--tier', 'S1', '--units', '10']
    const child = spawn(process.execPath, [file, ...options], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    await expect.poll(() => output, { timeout: 20_000 }).toContain('GatewayHostName=localhost:')
    const find = (pattern: RegExp) => pattern.exec(output)?.[1] ?? ''
    const agent = new Agent({
      host: '127.0.0.1',
      port: Number(find(/https:\/\/127\.0\.0\.1:(\d+)/)),
      servername: find(/HostName=([^;]+)/),
      ca: readFileSync(find(/CA +(\S+)/), 'utf8'),
    })
    const service = openService(find(/(HostName=\S+;SharedAccessKeyName=iothubowner;\S+)/), agent)
    const connected = "SELECT COUNT() AS n FROM devices WHERE connectionState = 'Connected'"
    await expect.poll(() => rowsOf(service, connected), { timeout: 20_000 }).toEqual([{ n: 24 }])
    agent.destroy()
    child.kill('SIGINT')
    expect(await once(child, 'exit')).toEqual([0, null])
  })

  test('says nothing of the computer that it was made on', () => {
    expect(readFileSync(file, 'utf8')).not.toContain(projectFolder)
  })
})
