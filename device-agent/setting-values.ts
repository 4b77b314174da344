import { isAbsolute } from 'node:path'

/** What can be set, alike on the command line and in the configuration file, and what its value must look like. */
export const settingKinds = {
  'connection-string-file': 'path',
  hub: 'host',
  'device-id': 'id',
  gateway: 'host',
  certificate: 'path',
  'certificate-key': 'path',
  'dps-id-scope': 'id',
  'dps-registration-id': 'id',
  'dps-key-file': 'path',
  'dps-host': 'host',
  transport: 'transport',
  'websocket-gateway': 'host',
  proxy: 'proxy',
  'extra-ca': 'path',
  'connect-spread': 'seconds',
  'state-dir': 'path',
  ca: 'path',
  'update-lock': 'path',
  'helper-socket': 'path',
  'installer-socket': 'path',
  'reboot-patience': 'seconds',
  'reset-wipe': 'paths',
  'reset-keep': 'paths',
  'reset-command': 'path',
  'commands-dir': 'path',
  'command-timeout': 'seconds',
  'firmware-keys': 'path',
  'firmware-hardware': 'hardware',
  'firmware-modules': 'path',
  'firmware-module-settings': 'path',
  'firmware-health-check': 'path',
  'firmware-health-time': 'seconds',
  'firmware-unsigned': 'module',
  'firmware-dir': 'path',
  simulate: 'switch',
  'simulate-down': 'seconds',
} as const

export type SettingName = keyof typeof settingKinds

type SettingKind = (typeof settingKinds)[SettingName]

/** Texts that `problemOfSetting` has nothing against. */
export type Settings = Partial<Readonly<Record<SettingName, string>>>

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(settingKinds, name)
}

/** Says what is wrong with a value, without quoting it; undefined when nothing is. */
export function problemOfSetting(name: SettingName, value: string): string | undefined {
  return problems[settingKinds[name]](value)
}

const problems: Readonly<Record<SettingKind, (value: string) => string | undefined>> = {
  path: (value) => (value === '' ? 'must name a file' : undefined),
  seconds: (value) => (isSeconds(value) ? undefined : 'must be a number of seconds'),
  switch: (value) => (value === 'yes' || value === 'no' ? undefined : 'must be yes or no'),
  host: (value) => (hostPattern.test(value) ? undefined : 'must be the name of a host'),
  id: (value) => (idPattern.test(value) ? undefined : 'must be an id of at most 128 letters and digits'),
  transport: (value) => (isTransport(value) ? undefined : `must be one of ${transports.join(', ')}`),
  proxy: problemOfProxy,
  paths: problemOfPaths,
  hardware: (value) => (hardwarePattern.test(value) ? undefined : 'must be letters, digits, dots and dashes'),
  module: (value) => (modulePattern.test(value) ? undefined : 'must be the name of an update module'),
}

/** `HardwareName` and `UpdateModuleName` of the device protocol. */
const hardwarePattern = /^[A-Za-z0-9._-]{1,64}$/
const modulePattern = /^[a-z0-9][a-z0-9-]{0,31}$/

/** A name or an address, with a port where one is needed. */
const hostPattern = /^[a-z0-9]([\w.-]*[a-z0-9])?(:\d{1,5})?$/i

/** What IoT Hub and its provisioning service allow in the names of devices, registrations and scopes. */
const idPattern = /^[\w.:%#*?!(),=@$'-]{1,128}$/

/** `auto` takes MQTT, and a WebSocket where that is blocked. */
export const transports = ['auto', 'mqtt', 'mqtt-websocket'] as const

function isTransport(value: string): value is (typeof transports)[number] {
  return transports.some((transport) => transport === value)
}

/** Everyone can read the configuration and the command line; the environment only the agent. */
function problemOfProxy(value: string): string | undefined {
  const url = URL.parse(value)
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.hostname === '')
    return 'must be like http://proxy.example:3128'
  return url.username === '' && url.password === ''
    ? undefined
    : 'must hold no password, which everyone could read: give it in HTTPS_PROXY instead'
}

/** The paths of a list as PATH has them: with colons between them. */
export function pathsOf(value: string): string[] {
  return value.split(':')
}

function problemOfPaths(value: string): string | undefined {
  const wrong = pathsOf(value).findIndex((path) => !isAbsolute(path))
  return wrong < 0
    ? undefined
    : `must be absolute paths with colons between them, and number ${wrong + 1} is not`
}

function isSeconds(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text)) && Number(text) >= 0
}
