import { invalid } from '../hub/hub-error.ts'
import { jobStatuses, jobTypes } from '../jobs/job.ts'
import { jobView } from '../jobs/job-view.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { Continuation } from './continuation.ts'
import { parseJob } from './parse-job.ts'
import { headerOf, pageSizeOf } from './query-routes.ts'
import { objectBodyOf, ok } from './route.ts'
import type { HubRequest, HubResponse, Route } from './route.ts'

/** https://learn.microsoft.com/rest/api/iothub/service/jobs */
export function jobRoutes(jobs: Jobs): readonly Route[] {
  const continuation = new Continuation()
  return [
    {
      method: 'GET',
      path: ['jobs', 'v2', 'query'],
      right: 'RegistryRead',
      handle: (_hub, request) => listJobs(jobs, request, continuation),
    },
    {
      method: 'GET',
      path: ['jobs', 'v2', ':jobId'],
      right: 'RegistryRead',
      handle: (_hub, request) => ok(jobView(jobs.get(jobIdOf(request)))),
    },
    {
      method: 'PUT',
      path: ['jobs', 'v2', ':jobId'],
      right: 'RegistryWrite',
      handle(hub, request) {
        const job = parseJob(jobIdOf(request), objectBodyOf(request), hub.clock.now())
        return ok(jobView(jobs.schedule(job)))
      },
    },
    {
      method: 'POST',
      path: ['jobs', 'v2', ':jobId', 'cancel'],
      right: 'RegistryWrite',
      handle: (_hub, request) => ok(jobView(jobs.cancel(jobIdOf(request)))),
    },
  ]
}

function jobIdOf({ params }: HubRequest): string {
  return params['jobId'] ?? ''
}

function listJobs(jobs: Jobs, { headers, parameters }: HubRequest, continuation: Continuation): HubResponse {
  const filter = {
    type: choiceOf('jobType', parameters, jobTypes),
    status: choiceOf('jobStatus', parameters, jobStatuses),
  }
  const pageSize = pageSizeOf(headers)
  const continued = { query: JSON.stringify(filter), pageSize }
  const token = headerOf(headers, 'x-ms-continuation')
  const cursor = token === undefined ? { after: 0, returned: 0 } : continuation.read(continued, token)
  const rest = jobs.list(filter).filter(({ sequence }) => sequence > cursor.after)
  const page = rest.slice(0, pageSize)
  const next = { after: page.at(-1)?.sequence ?? 0, returned: cursor.returned + page.length }
  return ok(page.map(jobView), {
    'x-ms-item-type': 'JobResponse',
    ...(rest.length > page.length && { 'x-ms-continuation': continuation.write(continued, next) }),
  })
}

/** Names ignore case, as those of .NET do. Throws ArgumentInvalid for one that is not known. */
function choiceOf<Name extends string>(
  parameter: string,
  parameters: URLSearchParams,
  names: readonly Name[],
): Name | undefined {
  const value = parameters.get(parameter)?.toLowerCase() ?? ''
  if (value === '') return undefined
  const known = names.find((name) => name.toLowerCase() === value)
  if (known === undefined) throw invalid(`${parameter} should be one of ${names.join(', ')}`)
  return known
}
