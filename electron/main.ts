import os from 'node:os'
import path from 'node:path'
import {
  app,
  clipboard,
  dialog,
  ipcMain,
  Menu,
  protocol,
  safeStorage,
  session,
  shell,
  utilityProcess,
  type BrowserWindow,
} from 'electron'
import { appApi } from '../contract/app/api.ts'
import { AppError } from '../contract/errors.ts'
import { serve } from '../contract/rpc/serve.ts'
import { createApplication, type Application } from '../core/application.ts'
import type { Log } from '../core/ports/log.ts'
import { createDesktop } from './desktop.ts'
import { createLocalHubProcess, minimalEnvironment } from './local-hub-process.ts'
import { createLog } from './log.ts'
import { appScheme, appStartUrl } from './origin.ts'
import { closeBeforeQuit } from './quit.ts'
import { RpcPorts } from './rpc-port.ts'
import { createSecretStore } from './secret-store.ts'
import { lockDown } from './shell/lockdown.ts'
import { menuTemplate } from './shell/menu.ts'
import { servePages } from './shell/protocol.ts'
import { createWindow, focusWindow } from './shell/window.ts'

/** This file is built to `out/main/main.js`; its neighbours are found from there. */
const built = path.join(import.meta.dirname, '..')

if (app.isPackaged && app.commandLine.hasSwitch('no-sandbox'))
  refuse('Drover does not run without its sandbox.')
else if (app.requestSingleInstanceLock()) start()
else app.quit()

function start(): void {
  app.enableSandbox()
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
  app.on('window-all-closed', () => app.quit())

  run(log).catch((error: unknown) => {
    log.bug('start-failed', error)
    const reason =
      error instanceof AppError ? `${error.message} ${error.nextStep ?? ''}` : 'Its log has the details.'
    refuse(`Drover could not start. ${reason}`)
  })
}

async function run(log: Log): Promise<void> {
  await app.whenReady()
  lockDown(app, session.defaultSession, { shell, log })
  const shown: { window?: BrowserWindow } = {}
  const application = await compose(log, () => shown.window)
  closeBeforeQuit(app, application, log)
  Menu.setApplicationMenu(
    Menu.buildFromTemplate(menuTemplate({ platform: process.platform, isDevelopment: !app.isPackaged })),
  )
  protocol.handle(appScheme, servePages(path.join(built, 'renderer')))
  const window = await openWindow(application, log)
  shown.window = window
  app.on('second-instance', () => focusWindow(window))
  log.info('started', { version: app.getVersion() })
}

function compose(log: Log, window: () => BrowserWindow | undefined): Promise<Application> {
  const hubProgram = path.join(import.meta.dirname, 'local-hub.js')
  const env = minimalEnvironment(process.env)
  // The device SDK of the simulated devices warns about its own use of url.parse.
  const execArgv = ['--no-deprecation']
  return createApplication({
    version: app.getVersion(),
    platform: process.platform,
    userName: userName(),
    dataFolder: app.getPath('userData'),
    secrets: createSecretStore(safeStorage, process.platform),
    desktop: createDesktop({ clipboard, dialog, window, log }),
    localHub: createLocalHubProcess({
      fork: () => utilityProcess.fork(hubProgram, [], { env, execArgv, serviceName: 'Drover local hub' }),
    }),
    log,
  })
}

async function openWindow(application: Application, log: Log): Promise<BrowserWindow> {
  const ports = new RpcPorts({
    ipc: ipcMain,
    onPort: serve(appApi, application.handlers, { onBug: (error) => log.bug('request-failed', error) }),
    onRefused: (reason, fields) => log.warn('message-refused', { reason, ...fields }),
  })
  const window = createWindow(path.join(built, 'preload/preload.cjs'))
  ports.trust(window.webContents)
  await window.loadURL(appStartUrl)
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

function refuse(message: string): void {
  dialog.showErrorBox('Drover', message)
  app.exit(1)
}
