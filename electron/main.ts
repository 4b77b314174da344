import os from 'node:os'
import path from 'node:path'
import {
  app,
  clipboard,
  dialog,
  ipcMain,
  Menu,
  Notification,
  powerMonitor,
  powerSaveBlocker,
  protocol,
  safeStorage,
  session,
  shell,
  utilityProcess,
  type BrowserWindow,
} from 'electron'
import { appApi } from '../contract/app/api.ts'
import { preferredLanguage, type Language } from '../contract/app/language.ts'
import { serve } from '../contract/rpc/serve.ts'
import { createApplication, type Application } from '../core/application.ts'
import type { Log } from '../core/ports/log.ts'
import { createDesktop } from './desktop.ts'
import { createKeepAwake } from './keep-awake.ts'
import { createLocalHubProcess, minimalEnvironment } from './local-hub-process.ts'
import { createLog } from './log.ts'
import { createNotes } from './notes.ts'
import { appScheme, appStartUrl } from './origin.ts'
import { createQuestions } from './questions.ts'
import { Closing } from './quit.ts'
import { RpcPorts } from './rpc-port.ts'
import { createSecretStore } from './secret-store.ts'
import { lockDown } from './shell/lockdown.ts'
import { menuTemplate } from './shell/menu.ts'
import { servePages } from './shell/protocol.ts'
import { reopenAfterCrash } from './shell/recovery.ts'
import { createWindow, focusWindow } from './shell/window.ts'
import { startFailure } from './start-failure.ts'
import { words } from './words.ts'

/** What the person has before them. */
interface Shown {
  window?: BrowserWindow
  language: Language
}

/** This file is built to `out/main/main.js`; its neighbours are found from there. */
const built = path.join(import.meta.dirname, '..')

if (app.isPackaged && app.commandLine.hasSwitch('no-sandbox'))
  refuse(words[systemLanguage()].start.needsSandbox)
else if (app.requestSingleInstanceLock()) start()
else app.quit()

function start(): void {
  app.enableSandbox()
  // The name under which Windows shows notes: the one that the installer gives the app.
  if (process.platform === 'win32') app.setAppUserModelId('io.github.drover')
  protocol.registerSchemesAsPrivileged([
    { scheme: appScheme, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
  const log = createLog({
    folder: app.getPath('logs'),
    now: () => new Date(),
    print: (line) => void process.stderr.write(`${line}\n`),
  })
  process.on('uncaughtException', (error) => log.bug('uncaught-exception', error))
  process.on('unhandledRejection', (reason) => log.bug('unhandled-rejection', reason))

  run(log).catch((error: unknown) => {
    log.bug('start-failed', error)
    refuse(startFailure(error, systemLanguage()))
  })
}

async function run(log: Log): Promise<void> {
  await app.whenReady()
  lockDown(app, session.defaultSession, { shell, log })
  const shown: Shown = { language: systemLanguage() }
  const questions = createQuestions({ dialog, window: () => shown.window, language: () => shown.language })
  const application = await compose(log, shown)
  const closing = new Closing({ app, application, log, mayClose: questions.mayClose })
  app.on('window-all-closed', () => {
    closing.insist()
    app.quit()
  })
  powerMonitor.on('shutdown', () => closing.insist())
  Menu.setApplicationMenu(
    Menu.buildFromTemplate(menuTemplate({ platform: process.platform, isDevelopment: !app.isPackaged })),
  )
  protocol.handle(appScheme, servePages(path.join(built, 'renderer')))
  const window = createTrustedWindow(application, log)
  shown.window = window
  closing.watch(window)
  app.on('second-instance', () => focusWindow(window))
  const load = (): Promise<void> => window.loadURL(appStartUrl)
  const { mayReopen } = questions
  reopenAfterCrash(window, { log, now: () => Date.now(), load, mayReopen, quit: () => app.quit() })
  await load()
  log.info('started', { version: app.getVersion() })
}

function compose(log: Log, shown: Shown): Promise<Application> {
  const hubProgram = path.join(import.meta.dirname, 'local-hub.js')
  const env = minimalEnvironment(process.env)
  // The device SDK of the simulated devices warns about its own use of url.parse.
  const execArgv = ['--no-deprecation']
  const fork = (serviceName: string): Electron.UtilityProcess =>
    utilityProcess.fork(hubProgram, [], { env, execArgv, serviceName })
  return createApplication({
    version: app.getVersion(),
    platform: process.platform,
    userName: userName(),
    dataFolder: app.getPath('userData'),
    secrets: createSecretStore(safeStorage, process.platform),
    desktop: {
      ...createDesktop({ clipboard, dialog, window: () => shown.window, log }),
      notify: createNotes({
        isSupported: () => Notification.isSupported(),
        create: (note) => new Notification(note),
        focus: () => {
          if (shown.window) focusWindow(shown.window)
        },
      }),
      keepAwake: createKeepAwake(powerSaveBlocker),
      setLanguage: (language) => void (shown.language = language),
    },
    localHub: createLocalHubProcess({ fork: () => fork('Drover local hub') }),
    rehearsalHub: createLocalHubProcess({ fork: () => fork('Drover rehearsal') }),
    log,
  })
}

function createTrustedWindow(application: Application, log: Log): BrowserWindow {
  const ports = new RpcPorts({
    ipc: ipcMain,
    onPort: serve(appApi, application.handlers, { onBug: (error) => log.bug('request-failed', error) }),
    onRefused: (reason, fields) => log.warn('message-refused', { reason, ...fields }),
  })
  const window = createWindow(path.join(built, 'preload/preload.cjs'))
  ports.trust(window.webContents)
  return window
}

/** Where the account has no name, as in some containers, its number has to do. */
function userName(): string {
  try {
    return os.userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}

/** Until the window has said which one the person has chosen. */
function systemLanguage(): Language {
  return preferredLanguage(new Intl.DateTimeFormat().resolvedOptions().locale)
}

function refuse(message: string): void {
  dialog.showErrorBox('Drover', message)
  app.exit(1)
}
