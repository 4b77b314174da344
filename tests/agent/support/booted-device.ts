import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { hasTool, runTool } from '../../../build/agent-package/run.ts'
import { eventually } from '../../conformance/support/eventually.ts'

/** A machine of its own on the kernel and the files of this one, started by a real systemd; what it writes is its own. */
export interface BootedDevice {
  /** Where a file of the device is, seen from outside. */
  at(file: string): string
  /** Runs a command there as root; resolves with what it printed. */
  run(...command: string[]): Promise<string>
  /** The same as the user of the agent, who may fail. */
  runAsAgent(...command: string[]): { readonly status: number | null; readonly said: string }
  /** Resolves when it has ended by itself. */
  startAsAgent(...command: string[]): Promise<unknown>
  /** How often it has been started: one that reboots goes down for real, and is switched on again. */
  readonly starts: () => number
  stop(): Promise<void>
}

/** What is started of the many services that may be installed on this machine: those that a test installs. */
const folders = ['etc', 'usr/lib']
const wanted = ['multi-user', 'network-online', 'timers'].flatMap((target) =>
  folders.map((folder) => `${folder}/systemd/system/${target}.target.wants`),
)

/** Of systemd-nspawn, when what it had started wants to be started again. */
const rebootCode = 133

/** Why no such device can be started here; undefined when one can. */
export async function whyNoDevice(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'systemd is of Linux'
  if (process.getuid?.() !== 0) return 'only root may start a container'
  for (const tool of ['systemd-nspawn', 'nsenter', 'setpriv', 'dpkg'])
    if (!(await hasTool(tool))) return `there is no ${tool} here`
  return undefined
}

/** Starts it, on the network of this machine. Rejects with what it said when it does not come up. */
export async function bootDevice(folder: string): Promise<BootedDevice> {
  const [upper, work, root] = ['upper', 'work', 'root'].map((name) => path.join(folder, name))
  if (upper === undefined || work === undefined || root === undefined) throw new Error('no folder')
  for (const each of [upper, work, root]) mkdirSync(each, { recursive: true })
  const options = `lowerdir=/,upperdir=${upper},workdir=${work}`
  await runTool('mount', ['-t', 'overlay', 'overlay', '-o', options, root])
  for (const links of wanted) rmSync(path.join(root, links), { recursive: true, force: true })
  // Images of containers have it, so that no package starts its services.
  rmSync(path.join(root, 'usr/sbin/policy-rc.d'), { force: true })
  const power = switchOn(root, `drover-${path.basename(folder).slice(-6).toLowerCase()}`)
  const enter = (...command: string[]) => ['--target', String(power.firstProcess()), '--all', ...command]
  const isUp = () => {
    const asked = power.firstProcess() === undefined ? undefined : enter('systemctl', 'is-system-running')
    return asked !== undefined && spawnSync('nsenter', asked).stdout.toString().startsWith('running')
  }
  const stop = async () => {
    await power.switchOff()
    await runTool('umount', [root])
  }
  try {
    await eventually(() => Promise.resolve(power.said() !== undefined || isUp()), Boolean, 60_000)
    if (power.said() !== undefined) throw new Error(`systemd does not run here: ${power.said()}`)
  } catch (error) {
    await stop()
    throw error
  }
  const asAgent = (...command: string[]) => {
    const user = ['setpriv', '--reuid=drover-agent', '--regid=drover-agent', '--clear-groups']
    return enter(...user, ...command)
  }
  return {
    at: (file) => path.join(root, file),
    run: (...command) => runTool('nsenter', enter(...command)),
    runAsAgent(...command) {
      const { status, stdout, stderr } = spawnSync('nsenter', asAgent(...command))
      return { status, said: `${stdout.toString()}${stderr.toString()}` }
    },
    startAsAgent: (...command) => once(spawn('nsenter', asAgent(...command), { stdio: 'ignore' }), 'exit'),
    starts: power.starts,
    stop,
  }
}

interface Power {
  /** Of the device, as this machine counts; undefined while it is down. */
  firstProcess(): number | undefined
  readonly starts: () => number
  /** Its last words, when it has ended for good. */
  said(): string | undefined
  switchOff(): Promise<void>
}

function switchOn(root: string, machine: string): Power {
  const how = ['--boot', '--register=no', '--keep-unit', '--console=pipe', `--machine=${machine}`]
  let [starts, isOver, isWanted, said] = [0, false, true, '']
  const start = () => {
    starts += 1
    const nspawn = spawn('systemd-nspawn', ['-D', root, ...how, 'systemd.unit=multi-user.target'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [nspawn.stdout, nspawn.stderr]) stream.on('data', (text) => (said += String(text)))
    return nspawn
  }
  let nspawn = start()
  const ended = Promise.withResolvers<undefined>()
  const onExit = (code: number | null) => {
    if (code === rebootCode && isWanted) {
      nspawn = start().once('exit', onExit)
      return
    }
    isOver = true
    ended.resolve(undefined)
  }
  nspawn.once('exit', onExit)
  return {
    firstProcess: () => childOf(nspawn.pid),
    starts: () => starts,
    said: () => (isOver ? said : undefined),
    async switchOff() {
      isWanted = false
      // Its first process takes all others with it; without its starter it would go on, and be in the way of the next.
      const first = childOf(nspawn.pid)
      if (first === undefined) nspawn.kill('SIGKILL')
      else process.kill(first, 'SIGKILL')
      await ended.promise
    },
  }
}

/** The first process of the container, which is the only child of its starter. */
function childOf(pid: number | undefined): number | undefined {
  let children = ''
  try {
    children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  } catch {
    // It has just ended.
  }
  return children === '' ? undefined : Number(children.split(' ')[0])
}
