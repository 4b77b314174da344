import type { Language } from '../../contract/app/language.ts'

/** A kind of file, as the system's dialogs offer it. */
export interface FileKind {
  /** What people call it: "Drover campaign". */
  readonly name: string
  /** Without the dot. */
  readonly extension: string
}

export interface FileToSave {
  /** With its extension. */
  readonly suggestedName: string
  readonly kind: FileKind
  /** Written as it comes; a file that cannot be written to its end does not appear. */
  readonly content: AsyncIterable<string> | Iterable<string>
}

export interface OpenedFile {
  readonly name: string
  readonly text: string
}

/** What a person who looks elsewhere is told. */
export interface Note {
  readonly title: string
  readonly body: string
}

/** What only a desktop can do. */
export interface Desktop {
  copyText(text: string): void | Promise<void>
  /** Asks where, and resolves with the name of the file; undefined when the person changed their mind. Errors: `internal`. */
  saveFile(file: FileToSave): Promise<string | undefined>
  /** Asks which; undefined when the person changed their mind. Errors: `invalid-input` for a file that is too long, `internal`. */
  openFile(kind: FileKind): Promise<OpenedFile | undefined>
  /** Resolves when the note has been chosen, and then the window is before the person, or is gone. */
  readonly notify: (note: Note) => Promise<{ isChosen: boolean }>
  /** Whether the machine must not go to sleep by itself; what it shows may. */
  readonly keepAwake: (isNeeded: boolean) => void
  /** The language of what the system asks on the app's behalf. */
  setLanguage(language: Language): void
}
