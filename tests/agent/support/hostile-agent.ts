import { chownSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { crc32 } from 'node:zlib'
import { expect } from 'vitest'
import { emptyState } from '../../../device-agent/domain/agent-state.ts'
import type { BootedDevice } from './booted-device.ts'

/** What a program with the rights of the agent's user could leave in its folder: a file of its own. */
export function writeAsAgent(device: BootedDevice, file: string, content: string | Buffer): void {
  const stateFolder = device.at('var/lib/drover-agent')
  const { uid, gid } = statSync(stateFolder)
  const at = path.join(stateFolder, file)
  mkdirSync(path.dirname(at), { recursive: true })
  writeFileSync(at, content)
  for (const each of [at, path.dirname(at)]) chownSync(each, uid, gid)
}

/** A record that says that this was asked for, and a package. */
export function leaveAsAgent(device: BootedDevice, request: object, content: Buffer): void {
  const running = {
    ...{ actionId: 'hostile-1', kind: 'firmwareUpdate', parameters: '', bootIdBefore: 'b', acceptedAt: 0 },
    ...{ acceptedUptime: 0, delayMs: 0, request },
  }
  const body = JSON.stringify({ ...emptyState, running })
  for (const index of [0, 1]) {
    const header = JSON.stringify({ counter: 1_000_000 + index, crc: crc32(body) })
    writeAsAgent(device, `agent-state.${index}`, `${header}\n${body}\n`)
  }
  writeAsAgent(device, 'firmware/download/package', content)
}

const client = `
  const socket = require('node:net').connect('/run/drover-agent-installer.sock')
  socket.on('connect', () => socket.write(process.argv[1] + '\\n'))
  socket.on('error', (error) => { console.log(error.message); process.exit(1) })
  socket.on('end', () => process.exit(0))
  socket.pipe(process.stdout)`

const mostTries = 20

/** Says this at the door of the installer; gives all that it says. While one conversation ends, systemd turns the next away. */
export function sayAsAgent(device: BootedDevice, word: string): string {
  let answer = { status: 1 as number | null, said: '' }
  for (let tries = 0; tries < mostTries && (answer.status !== 0 || answer.said === ''); tries += 1)
    answer = device.runAsAgent('/usr/lib/drover-agent/node', '-e', client, word)
  expect(answer.status, answer.said).toBe(0)
  return answer.said
}
