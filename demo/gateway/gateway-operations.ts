import { Router } from 'express'
import type { CacheStatistics } from 'express-cacheable'
import { neverCached } from '../http/operations.js'
import { askServices, type ServiceAnswer } from './ask-services.js'
import type { GatewayConfig } from './gateway-config.js'
import { totalStatistics } from './total-statistics.js'

interface Readiness {
  readonly cache: 'ok' | 'degraded'
}

/** What an operator asks of the gateway: about itself, and about all services at once. */
export function gatewayOperationsRouter(urls: GatewayConfig['urls']): Router {
  const router = Router()
  router.use(['/healthz', '/readyz', '/api/cache/stats'], neverCached)

  router.get('/healthz', (_req, res) => {
    res.json({ status: 'ok' })
  })

  router.get('/readyz', async (_req, res) => {
    const answers = await askServices<Readiness>(urls, '/readyz')
    const isReady = answers.every(({ answer }) => answer?.status === 200)
    const isCacheWell = answers.every(({ answer }) => answer?.body.cache !== 'degraded')
    res.status(isReady ? 200 : 503).json({
      status: isReady ? 'ok' : 'unavailable',
      services: Object.fromEntries(answers.map((one) => [one.service, stateOf(one)])),
      cache: isCacheWell ? 'ok' : 'degraded',
    })
  })

  router.get('/api/cache/stats', async (_req, res) => {
    const parts: CacheStatistics[] = []
    for (const { service, answer } of await askServices<CacheStatistics>(urls, '/api/cache/stats')) {
      // A sum without one of them would look like fewer requests.
      if (answer?.status !== 200) {
        res.status(503).json({ error: `The ${service} service does not answer` })
        return
      }
      parts.push(answer.body)
    }
    res.json(totalStatistics(parts))
  })
  return router
}

function stateOf({ answer }: ServiceAnswer<Readiness>): 'ok' | 'unavailable' | 'unreachable' {
  if (!answer) return 'unreachable'
  return answer.status === 200 ? 'ok' : 'unavailable'
}
