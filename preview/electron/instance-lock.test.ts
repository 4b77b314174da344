import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { takeInstanceLock, type InstanceLock } from './instance-lock.ts'

let folder: string
const locks: InstanceLock[] = []

async function take(of = folder): Promise<InstanceLock> {
  const lock = await takeInstanceLock(of)
  locks.push(lock)
  return lock
}

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'drover-lock-'))
})

afterEach(() => {
  for (const lock of locks.splice(0)) lock.release()
  rmSync(folder, { recursive: true })
})

test('the first instance has the lock, and hears of the second', async () => {
  const first = await take()
  const heard = new Promise<string>((resolve) => first.onSecondInstance((_argv, from) => resolve(from)))
  const second = await take()
  expect([first.request(), second.request()]).toEqual([true, false])
  expect(await heard).toBe(process.cwd())
})

test('what a killed instance left behind locks nobody out', async () => {
  writeFileSync(path.join(folder, 'instance.sock'), '')
  expect((await take()).request()).toBe(true)
})

test('after the first has let go, another is the first', async () => {
  const first = await take()
  first.release()
  expect((await take()).request()).toBe(true)
})

test('each folder of user data has a lock of its own, however long its path', async () => {
  const long = path.join(folder, 'x'.repeat(120))
  const locks = [await take(), await take(long), await take(long)]
  expect(locks.map((each) => each.request())).toEqual([true, true, false])
})
