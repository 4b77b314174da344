import type { Language } from '../../contract/app/language.ts'
import type { Desktop, FileKind, FileToSave, Note, OpenedFile } from '../ports/desktop.ts'

/** A desktop whose person saves everything, and opens what the test has put there. */
export class FakeDesktop implements Desktop {
  readonly copied: string[] = []
  readonly saved = new Map<string, string>()
  /** What the next open dialog gives; undefined for a person who changes their mind. */
  toOpen: OpenedFile | undefined
  /** A person who changes their mind saves nothing. */
  savesFiles = true
  readonly notes: Note[] = []
  /** Whether the machine was kept awake: each change of it. */
  readonly awake: boolean[] = []
  language: Language | undefined

  copyText(text: string): void {
    this.copied.push(text)
  }

  async saveFile({ suggestedName, content }: FileToSave): Promise<string | undefined> {
    if (!this.savesFiles) return undefined
    let text = ''
    for await (const piece of content) text += piece
    this.saved.set(suggestedName, text)
    return suggestedName
  }

  openFile(_kind: FileKind): Promise<OpenedFile | undefined> {
    return Promise.resolve(this.toOpen)
  }

  notify(note: Note): Promise<{ isChosen: boolean }> {
    this.notes.push(note)
    return Promise.resolve({ isChosen: true })
  }

  keepAwake(isNeeded: boolean): void {
    if (isNeeded !== (this.awake.at(-1) ?? false)) this.awake.push(isNeeded)
  }

  setLanguage(language: Language): void {
    this.language = language
  }
}
