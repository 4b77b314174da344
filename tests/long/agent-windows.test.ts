import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { packAgent } from '../../build/agent-package/pack-agent.ts'
import { agentVersion } from '../../device-agent/version.ts'
import { nodeMissing } from '../agent/support/node-missing.ts'

const folder = mkdtempSync(path.join(os.tmpdir(), 'drover-windows-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const missing = await nodeMissing('win-x64')
const because = missing === undefined ? '' : ` (skipped: ${missing})`

test.skipIf(missing !== undefined)(
  `the executable for win-x64 holds the agent, and no broken signature${because}`,
  async () => {
    const [file = ''] = await packAgent({ platform: 'win-x64', outFolder: folder, formats: ['executable'] })
    expect(path.basename(file)).toBe(`drover-agent-${agentVersion}-win-x64.exe`)
    const bytes = readFileSync(file)
    const header = bytes.readUInt32LE(0x3c)
    expect(bytes.toString('latin1', header, header + 4)).toBe('PE\0\0')
    // x86-64, and nothing in the table of certificates.
    expect(bytes.readUInt16LE(header + 4)).toBe(0x8664)
    expect(bytes.readUInt32LE(header + 24 + 112 + 4 * 8 + 4)).toBe(0)
    expect(bytes.includes(Buffer.from('NODE_SEA_BLOB', 'utf16le'))).toBe(true)
    expect(bytes.includes('NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:1')).toBe(true)
    expect(bytes.includes('Usage: drover-agent')).toBe(true)
  },
)
