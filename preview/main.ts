import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { readCommandLine } from './command-line.ts'

/**
 * Runs an Electron app's built main process on an installed Chromium, in place of Electron:
 * every `import ... from 'electron'` finds the look-alike.
 */
const lookAlike = new URL('./electron.ts', import.meta.url).href

registerHooks({
  resolve: (specifier, context, nextResolve) =>
    specifier === 'electron' ? { url: lookAlike, shortCircuit: true } : nextResolve(specifier, context),
})

try {
  const { appFolder } = readCommandLine(process.argv.slice(2))
  const { main } = JSON.parse(readFileSync(path.join(appFolder, 'package.json'), 'utf8')) as { main: string }
  await import(pathToFileURL(path.resolve(appFolder, main)).href)
} catch (error) {
  console.error(explain(error))
  process.exit(1)
}

/** A name that the look-alike does not export is an error of linking, and says little by itself. */
function explain(error: unknown): unknown {
  const missing =
    error instanceof SyntaxError && /'electron' does not provide an export named '(\w+)'/.exec(error.message)
  return missing
    ? `The Electron look-alike has no ${missing[1] ?? ''}. Add it to preview/electron.ts, or do without it.`
    : error
}
