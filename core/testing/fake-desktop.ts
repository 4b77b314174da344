import type { Desktop, FileKind, FileToSave, OpenedFile } from '../ports/desktop.ts'

/** A desktop whose person saves everything, and opens what the test has put there. */
export class FakeDesktop implements Desktop {
  readonly copied: string[] = []
  readonly saved = new Map<string, string>()
  /** What the next open dialog gives; undefined for a person who changes their mind. */
  toOpen: OpenedFile | undefined
  /** A person who changes their mind saves nothing. */
  savesFiles = true

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
}
