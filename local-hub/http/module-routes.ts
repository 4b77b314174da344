import { HubError } from '../hub/hub-error.ts'
import type { Hub } from '../hub/hub.ts'
import type { JsonObject } from '../hub/json.ts'
import type { ModuleId, ModuleRecord } from '../hub/modules.ts'
import { etagOfRevision } from '../hub/etag.ts'
import { moduleTwinView } from '../hub/module-view.ts'
import type { TwinChange, TwinChangeMode } from '../hub/changed-twin.ts'
import { moduleJson, parseModuleSettings } from './module-json.ts'
import { deviceIdOf, ifMatchOf, objectBodyOf, ok } from './route.ts'
import type { HubRequest, HubResponse, Route } from './route.ts'
import { twinPatchOf, twinReplacementOf } from './twin-routes.ts'

const identityPath = ['devices', ':deviceId', 'modules', ':moduleId']
const twinPath = ['twins', ':deviceId', 'modules', ':moduleId']

/** https://learn.microsoft.com/rest/api/iothub/service/modules */
export const moduleRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: ['devices', ':deviceId', 'modules'],
    right: 'RegistryRead',
    handle: (hub, request) => ok(hub.modules.list(deviceIdOf(request)).map(moduleJson)),
  },
  {
    method: 'GET',
    path: identityPath,
    right: 'RegistryRead',
    handle: (hub, request) => identityResponse(hub.modules.get(moduleIdOf(request))),
  },
  { method: 'PUT', path: identityPath, right: 'RegistryWrite', handle: putModule },
  {
    method: 'DELETE',
    path: identityPath,
    right: 'RegistryWrite',
    handle(hub, request) {
      hub.modules.delete(moduleIdOf(request), ifMatchOf(request))
      return { status: 204 }
    },
  },
  {
    method: 'GET',
    path: twinPath,
    right: 'ServiceConnect',
    handle: (hub, request) => twinResponse(hub.modules.get(moduleIdOf(request))),
  },
  changeTwin('PATCH', 'patch', twinPatchOf),
  changeTwin('PUT', 'replace', twinReplacementOf),
]

/** Without If-Match a PUT creates, with it a PUT updates. */
function putModule({ modules }: Hub, request: HubRequest): HubResponse {
  const id = moduleIdOf(request)
  const body = objectBodyOf(request)
  if (body['deviceId'] !== id.deviceId || body['moduleId'] !== id.moduleId) {
    throw new HubError('ArgumentInvalid', 'The deviceId and moduleId of the body should be those of the path')
  }
  const settings = parseModuleSettings(body)
  const ifMatch = request.headers['if-match']
  return identityResponse(
    ifMatch === undefined ? modules.create(id, settings) : modules.update(id, settings, ifMatch),
  )
}

function changeTwin(
  method: 'PATCH' | 'PUT',
  mode: TwinChangeMode,
  changeOf: (body: JsonObject) => TwinChange,
): Route {
  return {
    method,
    path: twinPath,
    right: 'ServiceConnect',
    handle({ modules }, request) {
      const change = changeOf(objectBodyOf(request))
      return twinResponse(
        modules.changeTwin(moduleIdOf(request), { change, mode, ifMatch: ifMatchOf(request) }),
      )
    },
  }
}

function moduleIdOf(request: HubRequest): ModuleId {
  return { deviceId: deviceIdOf(request), moduleId: request.params['moduleId'] ?? '' }
}

function identityResponse(module: ModuleRecord): HubResponse {
  return ok(moduleJson(module), { etag: `"${module.identity.etag}"` })
}

function twinResponse({ identity }: ModuleRecord): HubResponse {
  return ok(moduleTwinView(identity), { etag: `"${etagOfRevision(identity.twin.revision)}"` })
}
