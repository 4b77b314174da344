import type { FaultTable } from './fault-table.ts'

const ofConnectionString = {
  code: 'invalid-input',
  step: 'In the Azure portal, open the hub, then "Shared access policies", choose a policy, and copy a connection string.',
  field: 'connectionString',
} as const
const ofRelease = {
  code: 'invalid-input',
  step: 'Paste the JSON that "drover-agent sign" printed for this package, as it is.',
  field: 'release',
} as const
const ofPatch = {
  code: 'invalid-input',
  step: 'Correct the patch, then try again.',
  field: 'patch',
} as const
const ofPolicy = { code: 'invalid-input', step: 'Correct it, then try again.', field: 'policy' } as const
const ofFile = {
  code: 'invalid-input',
  step: 'Correct the file, then open it again. Nothing was taken from it.',
} as const

/** What can be wrong with what a person typed, pasted, chose, or opened. */
export const inputFaults = {
  'connection-empty': { ...ofConnectionString, meaning: 'The connection string is empty.' },
  'connection-unnamed-part': {
    ...ofConnectionString,
    meaning: 'One part of the connection string has no name: each part reads "Name=value".',
  },
  'connection-twice': { ...ofConnectionString, meaning: '{part} is there twice.' },
  'connection-unknown-part': {
    ...ofConnectionString,
    meaning: "{part} is not a part of a hub's connection string.",
  },
  'connection-of-device': {
    ...ofConnectionString,
    meaning: 'This is the connection string of one device, not of the hub.',
  },
  'connection-of-events': {
    ...ofConnectionString,
    meaning: 'This is an Event Hubs or Service Bus connection string, not one of an IoT hub.',
  },
  'connection-of-storage': {
    ...ofConnectionString,
    meaning: 'This is a storage account connection string, not one of an IoT hub.',
  },
  'connection-signature': {
    ...ofConnectionString,
    meaning: 'A shared access signature expires; Drover needs the policy name and its key.',
  },
  'connection-missing': { ...ofConnectionString, meaning: '{part} is missing.' },
  'connection-part-empty': { ...ofConnectionString, meaning: '{part} is empty.' },
  'connection-host': {
    ...ofConnectionString,
    meaning: '"HostName" is not a host name such as contoso.azure-devices.net.',
  },
  'connection-key': {
    ...ofConnectionString,
    meaning: '"SharedAccessKey" is not a whole key: it is Base64 and usually ends with "=".',
  },
  'connection-gateway': {
    ...ofConnectionString,
    meaning: '"GatewayHostName" is not a host name, with or without ":port".',
  },
  'ca-certificate': {
    code: 'invalid-input',
    meaning: 'The CA certificate cannot be read.',
    step: 'Paste the whole PEM text, with its BEGIN and END lines.',
    field: 'extraCa',
  },
  'not-json': {
    code: 'invalid-input',
    meaning: 'This is not JSON: line {line}, column {column}.',
    step: 'Correct the text, then try again.',
  },
  'release-address': {
    ...ofRelease,
    meaning:
      'The address of the package has to begin with https, and must not hold a user name or a password.',
  },
  'release-odd': { ...ofRelease, meaning: 'This is not what "drover-agent sign" prints.' },
  'release-version': { ...ofRelease, meaning: 'The release is version {found}, not {wanted}.' },
  'patch-empty': { ...ofPatch, meaning: 'A patch is a JSON object with at least one key.' },
  'patch-bytes': { ...ofPatch, meaning: 'The patch has {bytes} bytes; the hub takes {most}.' },
  'patch-text-bytes': { ...ofPatch, meaning: 'A text is longer than the {most} bytes that the hub takes.' },
  'patch-depth': { ...ofPatch, meaning: 'The patch is deeper than the {most} levels that the hub takes.' },
  'patch-key': {
    ...ofPatch,
    meaning: 'The key {name} is not allowed: no dot, dollar sign, space or control character.',
  },
  'too-many-devices': {
    code: 'conflict',
    meaning: '{devices} devices are more than the {most} that may be touched at once.',
    step: 'Choose fewer devices, or raise the limit in the policy.',
  },
  'not-confirmed': {
    code: 'invalid-input',
    meaning: 'The count and the name of the hub do not match.',
    step: 'Type {devices} and the name of the hub, as they are shown.',
    field: 'confirmation',
  },
  'start-without-job': {
    ...ofPolicy,
    meaning: 'Only a job of the hub can begin later.',
    field: 'startAt',
  },
  'no-such-reset': {
    code: 'invalid-input',
    meaning: 'There is no such factory reset on this hub.',
    step: 'Restore from the factory reset in Activity.',
    field: 'resetId',
  },
  'restore-by-job': {
    code: 'invalid-input',
    meaning: 'A job of the hub writes the same to every device, and a restore does not.',
    step: 'Restore without a job.',
    field: 'engine',
  },
  'restore-unseen': {
    code: 'invalid-input',
    meaning: 'A device twin is to be changed that was not looked at. Nothing was sent.',
    step: 'Look at what would change first.',
    field: 'seen',
  },
  'restore-needs-look': {
    code: 'conflict',
    meaning: 'What is to be put back has to be looked at again first.',
    step: 'Restore once more from the factory reset: what is back already is left out.',
  },
  'restore-is-no-campaign': {
    code: 'conflict',
    meaning: 'What was kept belongs to these devices: a restore is no campaign.',
    step: 'Restore from the factory reset in Activity.',
  },
  'patience-over': {
    ...ofPolicy,
    meaning: 'The time until which offline devices are waited for is over.',
  },
  'time-zone-unknown': { ...ofPolicy, meaning: 'There is no time zone {name}.' },
  'device-busy': {
    code: 'conflict',
    meaning: 'One device is busy with another action. Nothing was sent.',
    step: 'Wait for that action, or leave that device out.',
  },
  'devices-busy': {
    code: 'conflict',
    meaning: '{devices} devices are busy with another action. Nothing was sent.',
    step: 'Wait for that action, or leave those devices out.',
  },
  'rehearsal-too-large': {
    code: 'invalid-input',
    meaning: 'A rehearsal has at most {most} devices.',
    step: 'Choose fewer devices for it.',
  },
  'file-empty': { ...ofFile, meaning: 'Line {line} of {file}: nothing is in it.' },
  'file-not-json': { ...ofFile, meaning: 'Line {line} of {file}: this is not JSON, at column {column}.' },
  'file-value-missing': { ...ofFile, meaning: 'Line {line} of {file}: {place} is missing.' },
  'file-value-type': { ...ofFile, meaning: 'Line {line} of {file}: {place} has to be of type {expected}.' },
  'file-value-choice': { ...ofFile, meaning: 'Line {line} of {file}: {place} has to be {expected}.' },
  'file-value-large': { ...ofFile, meaning: 'Line {line} of {file}: {place} is more than {most}.' },
  'file-value-small': { ...ofFile, meaning: 'Line {line} of {file}: {place} is less than {least}.' },
  'file-value-long': { ...ofFile, meaning: 'Line {line} of {file}: {place} is longer than {most}.' },
  'file-value-short': { ...ofFile, meaning: 'Line {line} of {file}: {place} is shorter than {least}.' },
  'file-value-form': { ...ofFile, meaning: 'Line {line} of {file}: {place} is not written as it has to be.' },
  'file-key-unknown': { ...ofFile, meaning: 'Line {line} of {file}: {place} is not known here.' },
} as const satisfies FaultTable
