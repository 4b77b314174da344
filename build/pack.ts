import path from 'node:path'
import { buildApp } from './build.ts'
import { projectFolder, runProgram } from './run-program.ts'

const electronBuilder = path.join(projectFolder, 'node_modules/electron-builder/cli.js')

/** Packs the built app with electron-builder, with its own command line. Resolves with its exit code. */
export async function pack(args: readonly string[]): Promise<number> {
  await buildApp()
  return runProgram(process.execPath, [electronBuilder, '--publish', 'never', ...args])
}

/** npm run pack: installers for this operating system, in dist/. Electron's binary is downloaded for it. */
if (import.meta.main) process.exit(await pack(process.argv.slice(2)))
