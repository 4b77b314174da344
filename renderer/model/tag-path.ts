import { HubSettings } from '../../contract/app/hub.ts'

/** Whether this can name a tag, such as `site.rack`. */
export function isTagPath(text: string): boolean {
  return HubSettings.shape.redundancyTag.safeParse(text).success
}
