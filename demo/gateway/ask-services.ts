import { SERVICE_NAMES, type ServiceName } from '../service-names.js'
import type { GatewayConfig } from './gateway-config.js'

/** More than a service takes to find out that its database does not answer. */
const DEADLINE_MS = 3_000

/** What a service has answered; none if it did not, or not in time, or not in JSON. */
export interface ServiceAnswer<Body> {
  readonly service: ServiceName
  readonly answer?: { readonly status: number; readonly body: Body }
}

/** Asks all services the same at the same time. */
export function askServices<Body>(
  urls: GatewayConfig['urls'],
  path: string,
): Promise<readonly ServiceAnswer<Body>[]> {
  return Promise.all(
    SERVICE_NAMES.map(async (service) => {
      try {
        const response = await fetch(new URL(path, urls[service]), {
          signal: AbortSignal.timeout(DEADLINE_MS),
        })
        return { service, answer: { status: response.status, body: (await response.json()) as Body } }
      } catch {
        return { service }
      }
    }),
  )
}
