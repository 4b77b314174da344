import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Json } from '../domain/agent-state.ts'
import type { CommandCall, CommandResult } from '../ports/command-program.ts'
import { runCommandProgram } from './command-process.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-command-'))
})
afterEach(() => rm(folder, { recursive: true }))

interface Ran {
  readonly result: CommandResult
  readonly progress: readonly Json[]
}

async function run(script: string, call: Partial<CommandCall> = {}): Promise<Ran> {
  const path = join(folder, 'program')
  await writeFile(path, `#!/bin/sh\n${script}\n`)
  await chmod(path, 0o700)
  const progress: Json[] = []
  const onProgress = (each: Json) => void progress.push(each)
  const usual = {
    input: { a: 1 },
    actionId: 'action-1',
    timeoutMs: 20_000,
    signal: new AbortController().signal,
  }
  const result = await runCommandProgram({ path, name: 'program' }, { ...usual, onProgress, ...call })
  return { result, progress }
}

describe.skipIf(process.platform === 'win32')('a program', () => {
  test('reads its input as JSON, and answers in JSON', async () => {
    const { result } = await run('read -r input; echo "{\\"got\\": $input}"')
    expect(result).toEqual({ kind: 'done', output: { got: { a: 1 } } })
  })

  test('may answer nothing, or over many lines', async () => {
    expect((await run('exit 0')).result).toEqual({ kind: 'done' })
    expect((await run('printf "[1,\\n 2\\n]"')).result).toEqual({ kind: 'done', output: [1, 2] })
  })

  test('tells its progress in lines among the answer', async () => {
    const { result, progress } = await run(
      'echo \'{"progress": 10}\'; echo \'{"progress": "half"}\'; printf \'{"progress": 1, "is": "answer"}\'',
    )
    expect(progress).toEqual([10, 'half'])
    expect(result).toEqual({ kind: 'done', output: { progress: 1, is: 'answer' } })
  })

  test('that fails tells with what, and what it answered', async () => {
    expect((await run('echo \'{"why":"full"}\'; exit 3')).result).toEqual({
      ...{ kind: 'failed', reason: 'it ended with 3' },
      output: { why: 'full' },
    })
  })

  test('that answers no JSON has failed', async () => {
    expect((await run('echo hello')).result).toEqual({ kind: 'failed', reason: 'its answer is no JSON' })
  })

  test('that takes too long is ended, with all that it started', async () => {
    const begun = performance.now()
    const { result } = await run('sleep 60 & sleep 60', { timeoutMs: 200 })
    expect(result).toEqual({ kind: 'timed-out', reason: 'it took longer than 0.2 s' })
    expect(performance.now() - begun).toBeLessThan(5_000)
  })

  test('that leaves something running in the background is over when it is over', async () => {
    const begun = performance.now()
    const { result } = await run('sleep 20 & echo 1')
    expect(result).toEqual({ kind: 'done', output: 1 })
    expect(performance.now() - begun).toBeLessThan(10_000)
  })

  test('that says too much is ended, and none of it is kept', async () => {
    const { result } = await run('yes "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"')
    expect(result).toEqual({ kind: 'failed', reason: 'it answered more than 128 KB' })
  })

  test('that the agent stops says so', async () => {
    const stop = new AbortController()
    const onProgress = () => {
      stop.abort()
    }
    const { result } = await run('echo \'{"progress":1}\'; sleep 60', { signal: stop.signal, onProgress })
    expect(result).toEqual({ kind: 'failed', reason: 'the agent stopped it' })
  })

  test('does not read what it does not want', async () => {
    const input = 'x'.repeat(1_000_000)
    expect((await run('exec 0<&-; echo 1', { input })).result).toEqual({ kind: 'done', output: 1 })
  })

  test('learns its name and its action, and nothing that the agent has in its environment', async () => {
    process.env['DROVER_SECRET_OF_A_TEST'] = 'secret'
    const { result } = await run('env | grep -c SECRET; exit 0')
    delete process.env['DROVER_SECRET_OF_A_TEST']
    expect(result).toEqual({ kind: 'done', output: 0 })
    const named = await run('echo "\\"$DROVER_METHOD $DROVER_ACTION_ID\\""')
    expect(named.result).toEqual({ kind: 'done', output: 'program action-1' })
  })

  test('that is not there has failed', async () => {
    const call = { input: null, actionId: undefined, timeoutMs: 1_000, onProgress: () => undefined }
    const signal = new AbortController().signal
    const result = await runCommandProgram({ path: join(folder, 'none'), name: 'none' }, { ...call, signal })
    expect(result).toEqual({ kind: 'failed', reason: 'it did not start: ENOENT' })
  })
})
