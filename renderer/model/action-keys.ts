import type { CampaignKind } from '../../contract/app/parameters.ts'

/** The kinds of action in the order of the menu, with the key of each. */
export const actionKeys: readonly (readonly [CampaignKind, string])[] = [
  ['reboot', 'R'],
  ['factoryReset', 'F'],
  ['firmwareUpdate', 'U'],
  ['method', 'M'],
  ['desired', 'D'],
  ['tags', 'T'],
]
