import {
  isReadableByOthers,
  readConnectionStringFile,
  writeConnectionStringFile,
} from '../adapters/connection-string-file.ts'

/**
 * Takes over the connection string in `source` into `target`, which only its owner can read. Rejects, and changes
 * nothing, when every user of the machine could read the source: the key may be known already.
 */
export async function provision(source: string, target: string): Promise<void> {
  if (await isReadableByOthers(source)) {
    throw new Error(
      `everyone can read ${source}: renew the key in the hub if others use this machine, then chmod 600`,
    )
  }
  const connectionString = await readConnectionStringFile(source)
  await writeConnectionStringFile(target, connectionString)
}
