import type { FaultTable } from './fault-table.ts'

const ofEvents = {
  code: 'unreachable',
  step: 'Drover reads the twins instead. The policy needs "Service connect", and port 443 WebSockets.',
} as const

/** What can go wrong between Drover and a hub. */
export const hubFaults = {
  'hub-client': {
    code: 'internal',
    meaning: 'The hub client failed in a way that Drover does not know.',
    step: 'Try again. The log has the details.',
  },
  'hub-impostor': {
    code: 'unexpected-answer',
    meaning: "Something answered in the hub's place, and not as an IoT hub does.",
    step: 'Check whether this network has a sign-in page or a proxy, then try again.',
  },
  'hub-impostor-status': {
    code: 'unexpected-answer',
    meaning: "Something answered in the hub's place (HTTP {status}), and not as an IoT hub does.",
    step: 'Check whether this network has a sign-in page or a proxy, then try again.',
  },
  'hub-answer-lost': {
    code: 'timeout',
    meaning: 'The request was sent, and no answer came back.',
    step: 'Check the network, then refresh.',
  },
  'hub-certificate': {
    code: 'unreachable',
    meaning: "The hub's certificate is not trusted ({detail}). Nothing was sent.",
    step: 'If a proxy inspects this network, or the hub runs on this machine, add its CA certificate under Advanced.',
  },
  'hub-name-unknown': {
    code: 'unreachable',
    meaning: 'No hub of that name was found. Nothing was sent.',
    step: 'Check the host name in the connection string, and that this machine is online.',
  },
  'hub-silent': {
    code: 'unreachable',
    meaning: 'The hub did not answer. Nothing was sent.',
    step: 'Check that this machine is online and that a firewall lets it reach the hub on port 443.',
  },
  'hub-unreachable': {
    code: 'unreachable',
    meaning: 'The hub did not answer ({detail}). Nothing was sent.',
    step: 'Check that this machine is online and that a firewall lets it reach the hub on port 443.',
  },
  'hub-closed': {
    code: 'unreachable',
    meaning: 'The connection to this hub was closed. Nothing was sent.',
    step: 'Choose the hub again.',
  },
  'hub-not-understood': {
    code: 'invalid-input',
    meaning: 'The hub did not understand the request: {detail}',
    step: 'Correct what the hub names, then try again.',
  },
  'hub-not-understood-at-all': {
    code: 'invalid-input',
    meaning: 'The hub did not understand the request, and does not say why.',
    step: 'Check what was typed, then try again.',
  },
  'hub-key-refused': {
    code: 'unauthorized',
    meaning: 'The hub does not accept this key.',
    step: 'Copy the connection string of the policy again: its key may have been renewed. A wrong clock on this machine has the same effect.',
  },
  'hub-right-missing': {
    code: 'forbidden',
    meaning: 'The policy of this connection string lacks a right that this needs.',
    step: 'Use a policy with "Service connect" and "Registry read".',
  },
  'hub-has-it': {
    code: 'conflict',
    meaning: 'The hub has this already.',
    step: 'Use another name.',
  },
  'twin-changed': {
    code: 'conflict',
    meaning: 'Somebody else changed this device in the meantime.',
    step: 'Refresh and try again.',
  },
  'hub-error': {
    code: 'unexpected-answer',
    meaning: 'The hub answered with an error of its own (HTTP {status}).',
    step: 'It usually passes. Try again in a minute.',
  },
  'hub-busy': {
    code: 'throttled',
    meaning: 'The hub is at its limit for now.',
    step: 'Try again in a minute.',
  },
  'hub-day-used-up': {
    code: 'throttled',
    meaning: 'The hub has used up its messages of the day. They are there again at 00:00 UTC.',
    step: 'Wait until then, or add units to the hub.',
  },
  'request-too-large': {
    code: 'invalid-input',
    meaning: 'The request is larger than the hub takes. Nothing reached the device.',
    step: 'Make it smaller: a method may have 128 KB, desired properties 32 KB, tags 8 KB.',
  },
  'hub-answer-odd': {
    code: 'unexpected-answer',
    meaning: 'The hub sent something that is not as Azure documents it.',
    step: 'Try again. If it stays so, the log has the details.',
  },
  'hub-page-repeated': {
    code: 'unexpected-answer',
    meaning: 'The hub repeats a page of what it was asked for.',
    step: 'Try again in a minute.',
  },
  'hub-events-late': {
    ...ofEvents,
    meaning: "The hub's own events cannot be read: it did not answer in time.",
  },
  'hub-events-closed': {
    ...ofEvents,
    meaning: "The hub's own events cannot be read: it closed the connection.",
  },
  'hub-events-refused': {
    ...ofEvents,
    meaning: "The hub's own events cannot be read: it refused the connection.",
  },
  'hub-events-nowhere': {
    ...ofEvents,
    meaning: "The hub's own events cannot be read: it does not say where they are.",
  },
  'device-away': {
    code: 'device-offline',
    meaning: 'The device is not connected, or nothing on it handles direct methods.',
    step: 'Try again when it is online.',
  },
  'device-unknown': {
    code: 'not-found',
    meaning: 'The hub does not know this device, or it is disabled.',
    step: 'Refresh the fleet to see whether it is still registered.',
  },
  'device-cut-off': {
    code: 'timeout',
    meaning: 'The connection of the device ended before it answered.',
    step: 'It may have run. Check again later.',
  },
  'device-late': {
    code: 'timeout',
    meaning: 'The device did not answer in time.',
    step: 'It may have run. Check again later.',
  },
  'job-unknown': {
    code: 'not-found',
    meaning: 'The hub has no such job any more: it keeps them for 30 days.',
    step: 'Ask again for the jobs of the hub.',
  },
  'job-followed': {
    code: 'conflict',
    meaning: 'That job is followed already.',
    step: 'Look at it in Activity.',
  },
  'job-unreadable': {
    code: 'conflict',
    meaning: 'Drover cannot read what this job asks its devices for.',
    step: 'Look at it in the Azure portal or with the Azure CLI.',
  },
  'job-not-begun': {
    code: 'conflict',
    meaning: 'The hub does not say yet which devices this job is for.',
    step: 'Adopt it once it has begun.',
  },
  'job-cancelled': {
    code: 'timeout',
    meaning: 'The job was cancelled while it was asking this device.',
    step: 'It may have run. Check again later.',
  },
  'job-silent': {
    code: 'timeout',
    meaning: 'The job has ended, and the hub says nothing of this device.',
    step: 'It may have run. Check again later.',
  },
  'job-name': {
    code: 'invalid-input',
    meaning: 'Drover cannot address a job of that name.',
    step: 'Jobs whose ids are letters, digits, dashes and underscores can be followed.',
  },
  'jobs-unused': {
    code: 'invalid-input',
    meaning: 'Jobs of the hub cannot be used here.',
    step: 'Let this app ask the devices.',
    field: 'engine',
  },
  'hub-unknown': {
    code: 'not-found',
    meaning: 'There is no such hub.',
    step: 'Choose another hub.',
  },
  'hub-here-already': {
    code: 'conflict',
    meaning: '{hostName} is here already, with the policy {policyName}.',
    step: 'Choose it in the list of hubs, or remove it there first.',
  },
  'hub-sealed-elsewhere': {
    code: 'unauthorized',
    meaning: 'The saved key of this hub cannot be opened on this machine.',
    step: 'Add it again with its connection string: it stays the same hub.',
  },
  'local-hub-stays': {
    code: 'invalid-input',
    meaning: 'The hub on this machine is part of Drover and stays.',
    step: 'Choose another hub instead.',
  },
  'local-hub-stopped': {
    code: 'unreachable',
    meaning: 'The hub on this machine has stopped.',
    step: 'Start it again.',
  },
  'local-hub-not-started': {
    code: 'unreachable',
    meaning: 'The hub on this machine did not start.',
    step: 'Start it again.',
  },
} as const satisfies FaultTable
