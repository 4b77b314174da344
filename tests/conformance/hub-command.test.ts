import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { localOnly, localTitle } from './support/target.ts'

const main = fileURLToPath(new URL('../../local-hub/main.ts', import.meta.url))

function run(...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
}

async function outcomeOf(
  child: ChildProcess,
): Promise<{ code: number | null; output: string; errors: string }> {
  const texts = Promise.all(
    [child.stdout, child.stderr].map(
      (stream) => stream?.setEncoding('utf8').toArray() ?? Promise.resolve([]),
    ),
  )
  const [code] = (await once(child, 'exit')) as [number | null]
  const [output = [], errors = []] = await texts
  return { code, output: output.join(''), errors: errors.join('') }
}

describe.skipIf(localOnly)(localTitle('the command line of the hub', 'ownHub'), () => {
  test('prints connection strings and the path of the CA, and cleans up after Ctrl-C', async () => {
    const child = run('--host-name', 'desk.example')
    let output = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text))
    await expect.poll(() => output, { timeout: 10_000 }).toContain('GatewayHostName=localhost:')
    const caFile = /CA +(\S+)/.exec(output)?.[1] ?? ''
    expect(new X509Certificate(readFileSync(caFile)).ca).toBe(true)
    expect(output).toMatch(/HostName=desk\.example;SharedAccessKeyName=iothubowner;SharedAccessKey=/)
    const exit = once(child, 'exit')
    child.kill('SIGINT')
    expect(await exit).toEqual([0, null])
    expect(existsSync(caFile)).toBe(false)
  })

  test('--help explains and ends well', async () => {
    expect(await outcomeOf(run('--help'))).toMatchObject({
      code: 0,
      output: expect.stringContaining('--mqtts-port') as string,
    })
  })

  test('a port in use ends with a message that names it, and no stack', async () => {
    const blocker = createServer().listen(0, '127.0.0.1')
    await once(blocker, 'listening')
    const { port } = blocker.address() as AddressInfo
    const { code, errors } = await outcomeOf(run('--https-port', String(port)))
    expect(code).toBe(1)
    expect(errors).toContain(`Port ${port} on 127.0.0.1 is already in use.`)
    expect(errors).not.toContain('    at ')
    blocker.close()
  })

  test.each([
    [['--https-port', 'x'], /--https-port/],
    [['--host-name', 'a.azure-devices.net'], /belongs to Azure/],
    [['--what'], /--what/],
  ])('%j ends with a reason', async (args, reason) => {
    const { code, errors } = await outcomeOf(run(...args))
    expect([code, reason.test(errors)]).toEqual([1, true])
  })
})
