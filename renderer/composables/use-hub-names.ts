import { ownHub } from '../../contract/app/hub.ts'
import type { HubId } from '../../contract/app/ids.ts'
import { revealHidden } from '../model/json-layout.ts'
import { useText } from './use-text.ts'

/** A hub, or what has its id and its name: an action, a record, a dialog. */
type NamedHub = { readonly hubId: HubId } & ({ readonly name: string } | { readonly hubName: string })

/** What hubs are called, in the person's language where the name is not the person's own. */
export function useHubNames() {
  const { t } = useText()
  return {
    nameOf: (hub: NamedHub): string => {
      const own = ownHub(hub.hubId)
      if (own !== undefined) return t(`hub.own.${own}`)
      return revealHidden('hubName' in hub ? hub.hubName : hub.name)
    },
  }
}
