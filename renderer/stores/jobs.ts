import { defineStore } from 'pinia'
import type { HubId } from '../../contract/app/ids.ts'
import { useLink } from '../api/client.ts'

/** The jobs that a hub does by itself. */
export const useJobs = defineStore('jobs', () => {
  const { client } = useLink()
  return {
    list: (hubId: HubId, signal: AbortSignal) => client.jobs.list({ hubId }, signal),
    adopt: (hubId: HubId, jobId: string) => client.jobs.adopt({ hubId, jobId }),
  }
})
