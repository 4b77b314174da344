/** The folder of a hub cannot be used; the message is for the person who chose it. */
export class DataFolderUnusable extends Error {
  override readonly name = 'DataFolderUnusable'
}
