import { type RequestHandler, Router } from 'express'
import { type Cache, cacheStats } from 'express-cacheable'
import type { PrismaClient } from '../prisma/generated/client.js'

const DATABASE_DEADLINE_MS = 2_000

/** What an operator asks. It needs no token, as it tells nothing of any user, and is never cached. */
export function operationsRouter(cache: Cache, prisma: PrismaClient): Router {
  const router = Router()
  router.get('/healthz', neverCached, (_req, res) => {
    res.json({ status: 'ok' })
  })
  router.get('/readyz', neverCached, async (_req, res) => {
    const reachable = await answersInTime(prisma)
    res.status(reachable ? 200 : 503).json({
      status: reachable ? 'ok' : 'unavailable',
      database: reachable ? 'ok' : 'unreachable',
      // Without its cache the CRM is slower, not unavailable.
      cache: isCacheWell(cache) ? 'ok' : 'degraded',
    })
  })
  router.get('/api/cache/stats', cacheStats(cache))
  return router
}

function isCacheWell(cache: Cache): boolean {
  const { available, circuit, owedEvictions } = cache.status()
  return available && circuit === 'closed' && owedEvictions === 0
}

export const neverCached: RequestHandler = (_req, res, next) => {
  res.set('Cache-Control', 'no-store')
  next()
}

async function answersInTime(prisma: PrismaClient): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, DATABASE_DEADLINE_MS, false)
  })
  const query = prisma.$queryRaw`SELECT 1`.then(
    () => true,
    () => false,
  )
  return Promise.race([query, deadline]).finally(() => clearTimeout(timer))
}
