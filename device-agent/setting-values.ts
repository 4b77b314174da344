/** What can be set, alike on the command line and in the configuration file, and what its value must look like. */
export const settingKinds = {
  'connection-string-file': 'path',
  'state-dir': 'path',
  ca: 'path',
  'update-lock': 'path',
  'helper-socket': 'path',
  'reboot-patience': 'seconds',
  simulate: 'switch',
  'simulate-down': 'seconds',
} as const

export type SettingName = keyof typeof settingKinds

/** Texts that `problemOfSetting` has nothing against. */
export type Settings = Partial<Readonly<Record<SettingName, string>>>

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(settingKinds, name)
}

/** Says what is wrong with a value, without quoting it; undefined when nothing is. */
export function problemOfSetting(name: SettingName, value: string): string | undefined {
  switch (settingKinds[name]) {
    case 'path':
      return value === '' ? 'must name a file' : undefined
    case 'seconds':
      return isSeconds(value) ? undefined : 'must be a number of seconds'
    case 'switch':
      return value === 'yes' || value === 'no' ? undefined : 'must be yes or no'
  }
}

function isSeconds(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text)) && Number(text) >= 0
}
