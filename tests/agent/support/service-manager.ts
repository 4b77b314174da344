import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { runTool } from '../../../build/agent-package/run.ts'
import { eventually } from '../../conformance/support/eventually.ts'

/** A systemd of its own, which knows only the units below its folder and has no part in this machine's. */
export interface ServiceManager {
  readonly systemctl: (...args: string[]) => Promise<string>
  /** A property of a unit, as `systemctl show` names it. */
  readonly property: (unit: string, name: string) => Promise<string>
  stop(): Promise<void>
}

/**
 * A user's manager refuses to run unless systemd has started the machine. In a mount namespace of its own, with a
 * `/run` that says so, it need not have; what services may not see is covered by the nodes in `inaccessible`.
 */
const setUp = [
  'mount --make-rprivate /',
  'mount --make-rshared /',
  'mount -t tmpfs tmpfs /run',
  'mkdir -p /run/systemd/system /run/systemd/inaccessible/dir',
  'touch /run/systemd/inaccessible/reg',
  'mkfifo /run/systemd/inaccessible/fifo',
  'exec /lib/systemd/systemd --user --log-target=null',
].join(' && ')

/** SIGRTMIN+24, with which a user's manager exits and tidies up; see systemd(1). Node knows no name for it. */
const exitAtOnce = 34 + 24

const isolator = 'unshare'

const emptyTargets = ['default', 'basic', 'sysinit', 'sockets', 'timers', 'paths', 'shutdown', 'exit']

/** Rejects where this machine does not allow it. */
export async function startServiceManager(folder: string): Promise<ServiceManager> {
  const [units, run] = [path.join(folder, 'units'), path.join(folder, 'run')]
  mkdirSync(units)
  mkdirSync(run, { mode: 0o700 })
  for (const name of emptyTargets)
    writeFileSync(path.join(units, `${name}.target`), `[Unit]\nDescription=${name}\n`)
  const env = {
    ...{ PATH: process.env['PATH'], HOME: folder, XDG_RUNTIME_DIR: run },
    ...{ SYSTEMD_UNIT_PATH: units, SYSTEMD_COLORS: '0' },
  }
  const manager = spawn(isolator, ['--mount', 'sh', '-c', setUp], { env, stdio: 'ignore' })
  const ended = once(manager, 'exit')
  const systemctl = (...args: string[]) => runTool('systemctl', ['--user', '--no-pager', ...args], { env })
  const isUp = () =>
    systemctl('show', '--property=Version').then(
      () => true,
      () => false,
    )
  const stop = async () => {
    if (manager.pid !== undefined) process.kill(manager.pid, exitAtOnce)
    await ended
  }
  try {
    await eventually(async () => manager.exitCode !== null || (await isUp()), Boolean, 10_000)
    if (!(await isUp())) throw new Error('systemd does not run here')
  } catch (error) {
    if (manager.exitCode === null) await stop()
    throw error
  }
  return {
    systemctl,
    property: async (unit, name) => (await systemctl('show', `--property=${name}`, '--value', unit)).trim(),
    stop,
  }
}

/** Copies a unit that ships, with these replacements; each of them must have something to replace. */
export function adaptUnit(
  source: string,
  target: string,
  changes: readonly (readonly [RegExp, string])[],
): void {
  let text = readFileSync(source, 'utf8')
  for (const [pattern, replacement] of changes) {
    if (!pattern.test(text)) throw new Error(`${path.basename(source)} has no ${pattern.source}`)
    text = text.replace(pattern, replacement)
  }
  writeFileSync(target, text)
}
