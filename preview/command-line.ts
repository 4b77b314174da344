/** The command line of the look-alike: Electron's, with the Chromium to use. */
export interface CommandLine {
  /** The Chromium, Chrome or Edge to open the window with. */
  readonly chromium: string
  /** The folder with the app's package.json. */
  readonly appFolder: string
  /** Flags as Electron knows them, without their dashes; the value is empty where there is none. */
  readonly switches: ReadonlyMap<string, string>
}

const usage =
  'Usage: node preview/main.ts --chromium=PROGRAM [--headless] [--user-data-dir=FOLDER] [--remote-debugging-port=0] [--dialog-folder=FOLDER] APP_FOLDER'

/** Throws an Error with the usage when the Chromium or the app is missing. */
export function readCommandLine(words: readonly string[]): CommandLine {
  const switches = new Map<string, string>()
  for (const word of words.filter((each) => each.startsWith('--'))) {
    const [name = '', ...value] = word.slice(2).split('=')
    switches.set(name, value.join('='))
  }
  const chromium = switches.get('chromium')
  const appFolder = words.find((word) => !word.startsWith('--'))
  if (!chromium || !appFolder) throw new Error(usage)
  return { chromium, appFolder, switches }
}
