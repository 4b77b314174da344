import { existsSync, globSync, mkdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { projectFolder, runProgram } from './run-program.ts'

const out = path.join(projectFolder, 'out')
const stamp = path.join(out, '.built')
const pieces = ['main', 'preload', 'renderer', 'agent', 'local-hub']
const sources =
  '{contract,core,electron,renderer,local-hub,device-agent}/**/*.{ts,vue,html,css,svg,png,woff2,json}'
const settings = ['vite.config.ts', 'package.json', 'package-lock.json']

/** Builds what ships into `out/`, unless it is newer than all of its sources. Throws when the build fails. */
export async function buildApp(): Promise<void> {
  if (isFresh()) return
  const startedAt = new Date()
  for (const piece of pieces) rmSync(path.join(out, piece), { recursive: true, force: true })
  rmSync(stamp, { force: true })
  // In a process of its own: Vite sets NODE_ENV for all that runs in the same one.
  const vite = path.join(projectFolder, 'node_modules/vite/bin/vite.js')
  const code = await runProgram(process.execPath, [vite, 'build', '--app', '--logLevel', 'warn'])
  if (code !== 0) throw new Error('The build failed; what Vite said is above.')
  mkdirSync(out, { recursive: true })
  writeFileSync(stamp, '')
  // A source that changed meanwhile is newer than what was built.
  utimesSync(stamp, startedAt, startedAt)
  console.log(`Built in ${((Date.now() - startedAt.getTime()) / 1000).toFixed(1)} s.`)
}

function isFresh(): boolean {
  if (!existsSync(stamp)) return false
  const builtAt = statSync(stamp).mtimeMs
  const files = globSync([sources, ...settings], { cwd: projectFolder, exclude: ['**/*.test.ts'] })
  return files.every((file) => statSync(path.join(projectFolder, file)).mtimeMs <= builtAt)
}

if (import.meta.main) {
  await buildApp().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  })
}
