import type { FaultTable } from './fault-table.ts'

/** What can go wrong inside the application: its actions, its journal, its files, its window. */
export const appFaults = {
  bug: {
    code: 'internal',
    meaning: 'Something went wrong inside Drover.',
    step: 'The log has the details.',
  },
  'window-bug': {
    code: 'internal',
    meaning: 'Something went wrong inside the window.',
    step: 'Reload the window.',
  },
  'window-lost': {
    code: 'unreachable',
    meaning: 'The window lost its connection to the application.',
    step: 'Reload the window.',
  },
  cancelled: { code: 'cancelled', meaning: 'Cancelled.', step: 'Try again when you want to.' },
  'no-endpoint': {
    code: 'not-found',
    meaning: 'There is no "{name}".',
    step: 'Reload the window.',
  },
  'bad-request': {
    code: 'invalid-input',
    meaning: 'Invalid input for "{name}".',
    step: 'Correct it, then try again.',
  },
  'action-unknown': {
    code: 'not-found',
    meaning: 'There is no such action.',
    step: 'Look for it in Activity.',
  },
  'nothing-to-pause': {
    code: 'conflict',
    meaning: 'Everybody has been asked already, so there is nothing to pause.',
    step: 'Wait for the outcomes.',
  },
  'on-hold-already': { code: 'conflict', meaning: 'It is on hold already.', step: 'Resume it to go on.' },
  'not-on-hold': { code: 'conflict', meaning: 'It is not on hold.', step: 'It goes on by itself.' },
  'no-gate': {
    code: 'conflict',
    meaning: 'No gate is waiting for anybody.',
    step: 'It goes on by itself.',
  },
  'none-failed': {
    code: 'conflict',
    meaning: 'No device has failed.',
    step: 'Nothing is to be tried again.',
  },
  'journal-unwritable': {
    code: 'internal',
    meaning: 'The journal cannot be written, so nothing more is sent.',
    step: 'Check that the disk is not full, then start Drover again.',
  },
  'journal-newer': {
    code: 'internal',
    meaning: 'Record {number} of the journal is none that this version knows.',
    step: 'Start the version of Drover that wrote it, or move the journal file away to begin a new one.',
  },
  'journal-in-use': {
    code: 'conflict',
    meaning: 'Another instance of Drover has this journal open.',
    step: 'Use that window, or close it first.',
  },
  'journal-changed': {
    code: 'internal',
    meaning: 'Record {number} of the journal was changed by other hands.',
    step: 'Move the journal file away to begin a new one; keep it if it is evidence.',
  },
  'journal-broken': {
    code: 'internal',
    meaning: 'Record {number} of the journal was changed by other hands.',
    step: 'Keep a copy of the file as evidence. What follows that record cannot be trusted.',
  },
  'file-unwritable': {
    code: 'internal',
    meaning: '{file} could not be written.',
    step: 'Check that the folder may be written to and that the disk is not full.',
  },
  'file-too-long': {
    code: 'invalid-input',
    meaning: '{file} is too long to be opened.',
    step: 'Choose another file.',
  },
  'file-unreadable': {
    code: 'internal',
    meaning: '{file} could not be read.',
    step: 'Check that the file is still there and may be read.',
  },
} as const satisfies FaultTable
