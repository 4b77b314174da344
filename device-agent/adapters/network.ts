import { Agent } from 'node:https'
import { getCACertificates } from 'node:tls'
import { HttpsProxyAgent } from 'https-proxy-agent'

export interface NetworkOptions {
  /** Where HTTP CONNECT leads out of this network. */
  readonly proxy?: URL | undefined
  /** Names of hosts that are reached without the proxy: see `isExempt`. */
  readonly noProxy?: readonly string[]
  /** PEM of the authorities that are trusted instead of the public ones. */
  readonly ca?: string | undefined
  /** PEM of the authorities that are trusted as well as the public ones. Not used where `ca` is given. */
  readonly extraCa?: string | undefined
  /** `host:port` that stands for port 443 of the hub: one on a machine of your own has other ports. */
  readonly webSocketGateway?: string | undefined
  /** Hears the status with which the proxy refuses a way: those who asked for it only see that there is none. */
  readonly onProxyRefusal?: (status: number) => void
}

/** What HTTPS and WebSockets need to leave this machine, for those who speak them. */
export interface Network {
  /** PEM; undefined: the public authorities. */
  readonly ca: string | undefined
  /** Whether the way to this host leads through the proxy. Then MQTT itself cannot go there. */
  isProxied(host: string): boolean
  /** For `https.request({ host, ...requestOptions(host) })`. */
  requestOptions(host: string): RequestOptions
  /** The same for a hub, which may be elsewhere than its name says. */
  hubRequestOptions(host: string): RequestOptions
}

export interface RequestOptions {
  readonly agent: Agent
  readonly ca?: string
}

/** No proxy leads back to this machine. */
const ownNames = ['localhost', '127.0.0.1']

export function network(options: NetworkOptions): Network {
  const ca = options.ca ?? withPublicAuthorities(options.extraCa)
  const isProxied = (host: string) =>
    options.proxy !== undefined &&
    ![...ownNames, ...(options.noProxy ?? [])].some((name) => isExempt(host, name))

  const { proxy, webSocketGateway: gateway, onProxyRefusal } = options
  const trust = ca === undefined ? {} : { ca }
  const requestOptions = (host: string): RequestOptions => ({
    agent: proxy !== undefined && isProxied(host) ? proxyAgent(proxy, onProxyRefusal) : new Agent(),
    ...trust,
  })
  return {
    ca,
    isProxied,
    requestOptions,
    hubRequestOptions: (host) =>
      gateway === undefined ? requestOptions(host) : { agent: gatewayAgent(gateway, host), ...trust },
  }
}

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * The proxy that the environment names, as curl reads it; `http://user:password@proxy:3128` may be there, for only the
 * agent can read its environment. Throws when it is no URL, without quoting it.
 */
export function proxyOf(environment: Environment): Pick<NetworkOptions, 'proxy' | 'noProxy'> {
  const named = environment['HTTPS_PROXY'] ?? environment['https_proxy'] ?? ''
  const without = environment['NO_PROXY'] ?? environment['no_proxy'] ?? ''
  return {
    proxy: named === '' ? undefined : toProxy(named),
    noProxy: without.split(/[\s,]+/).filter((name) => name !== ''),
  }
}

function toProxy(text: string): URL {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`)
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new Error('HTTPS_PROXY must be like http://proxy.example:3128')
  return url
}

/** `*` is all hosts; a name is the host itself and all below it, with a dot before it or not. */
function isExempt(host: string, name: string): boolean {
  const own = host.toLowerCase()
  const other = name.toLowerCase().replace(/^\./, '').replace(/:\d+$/, '')
  return other === '*' || own === other || own.endsWith(`.${other}`)
}

function withPublicAuthorities(extra: string | undefined): string | undefined {
  return extra === undefined ? undefined : [...getCACertificates('default'), extra].join('\n')
}

function proxyAgent(proxy: URL, onRefusal: NetworkOptions['onProxyRefusal']): Agent {
  const agent = new HttpsProxyAgent(proxy)
  agent.on('proxyConnect', ({ statusCode }: { statusCode: number }) => {
    if (statusCode !== 200) onRefusal?.(statusCode)
  })
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- an agent for HTTPS, of another base
  return agent
}

/** What an agent says counts more than what a request says, so the host keeps its name and is looked for elsewhere. */
function gatewayAgent(gateway: string, servername: string): Agent {
  const { hostname: host, port } = new URL(`https://${gateway}`)
  return new Agent({ host, port: port === '' ? 443 : Number(port), servername })
}
