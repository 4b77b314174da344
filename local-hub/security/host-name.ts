const hostName = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/

/** Endings under which real hubs live: a certificate for such a name must never exist on a desk. */
const azureDomains = [
  'azure-devices.net',
  'azure-devices.cn',
  'azure-devices.us',
  'azure-devices.de',
  'azure-devices-provisioning.net',
  'azure-devices-provisioning.cn',
  'azure-devices-provisioning.us',
  'azure.com',
  'azure.net',
  'azure.cn',
  'azure.us',
  // Event Hubs and Service Bus, in the public cloud, China, the US government's and Germany's.
  'windows.net',
  'chinacloudapi.cn',
  'usgovcloudapi.net',
  'cloudapi.de',
  'microsoft.com',
]

/** Answers the name in lower case; throws RangeError when it is not one, or could be a real hub's. */
export function checkHostName(name: string): string {
  const lower = name.toLowerCase()
  if (!hostName.test(lower)) throw new RangeError(`'${name}' is not a host name with at least one dot.`)
  const domain = azureDomains.find((azure) => lower === azure || lower.endsWith(`.${azure}`))
  if (domain)
    throw new RangeError(`'${name}' is under ${domain}, which belongs to Azure; choose another name.`)
  return lower
}
