import { fetchNode, type Platform } from '../../../build/agent-package/node-binary.ts'

/** The reason why a platform's Node cannot be had here; `undefined` when it can. */
export async function nodeMissing(platform: Platform): Promise<string | undefined> {
  try {
    await fetchNode(platform)
    return undefined
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('npm: ')) return error.message
    throw error
  }
}
