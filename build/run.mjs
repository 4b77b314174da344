// npm run <script>: installs what is missing, then runs build/<script>.ts on the Node that the project brings along.
// Plain JavaScript on nothing but Node 20 or later, because at this moment nothing is installed yet.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

const root = path.join(import.meta.dirname, '..')
/** The Node major that Electron has; it also runs TypeScript as it is. */
const nodeMajor = 24

const [script = '', ...args] = process.argv.slice(2)
const program = path.join(root, 'build', `${script}.ts`)
if (!/^[\w-]+$/.test(script) || !existsSync(program)) fail(`There is no script "${script}".`)
if (!isInstalled()) install()
run(projectNode(), [program, ...args])

/** Whether node_modules holds what package-lock.json asks for, by what npm itself noted there. */
function isInstalled() {
  const wanted = readPackages(path.join(root, 'package-lock.json'))
  const installed = readPackages(path.join(root, 'node_modules', '.package-lock.json'))
  return Object.entries(wanted).every(([name, entry]) => {
    // Optional packages of another operating system are never there; the root has no name.
    if (name === '' || (entry.optional && !installed[name])) return true
    return installed[name]?.version === entry.version
  })
}

function readPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {}
}

function install() {
  console.log('Installing what package-lock.json lists (npm ci). This takes a minute, once.')
  const npm = process.env.npm_execpath
  const options = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  const result = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...options], { cwd: root, stdio: 'inherit' })
    : spawnSync('npm', options, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' })
  if (result.status !== 0) fail('npm ci failed; what it said is above.')
}

function projectNode() {
  const system = { win32: 'win' }[process.platform] ?? process.platform
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  const own = path.join(root, 'node_modules', `node-${system}-${process.arch}`, 'bin', name)
  if (existsSync(own)) return own
  if (Number(process.versions.node.split('.')[0]) >= nodeMajor) return process.execPath
  return fail(
    `Drover needs Node ${nodeMajor} or later on ${system} ${process.arch}; this is ${process.version}.`,
  )
}

function run(command, words) {
  const child = spawn(command, words, { cwd: root, stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // Ctrl-C in a terminal reaches the child by itself.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  }
  child.on('error', (error) => fail(error.message))
  child.on('exit', (code, signal) => process.exit(code ?? 128 + os.constants.signals[signal]))
}

function fail(message) {
  console.error(message)
  return process.exit(1)
}
