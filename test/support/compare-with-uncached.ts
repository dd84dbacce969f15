import { startDemo } from '#demo/app.js'
import { DEFAULT_CONFIG } from '#demo/config.js'
import type { Answer } from './answer-of.js'
import type { CachedRoute } from './crm-cast.js'
import { CrmClient } from './crm-client.js'
import { eachOf } from './each-of.js'

export interface Comparison {
  /** What was answered with something else than the database holds. */
  readonly stale: readonly string[]
  /** How many answers came from the cache. */
  readonly hits: number
}

/**
 * Asks all routes of a CRM, and of one without a cache on the same database.
 *
 * All events must have been published before: the other CRM would take those that have not for its own.
 */
export async function compareWithUncached(
  url: string,
  routes: readonly CachedRoute[],
  parts: { readonly databaseUrl: string; readonly jwtSecret: string },
): Promise<Comparison> {
  const uncached = await startDemo({
    ...DEFAULT_CONFIG,
    ...parts,
    ...{ port: 0, cache: false, warm: false, signInsPerMinute: 100_000 },
  })
  try {
    const [asked, truth] = [new CrmClient(url), new CrmClient(uncached.url)]
    const stale: string[] = []
    let hits = 0
    await eachOf(routes, async ({ path, token }) => {
      const [answer, expected] = await Promise.all([asked.get(path, token), truth.get(path, token)])
      if (answer.xCache === 'HIT') hits += 1
      const [got, held] = [answer, expected].map(lastingOf)
      if (got !== held) stale.push(`${path} (${answer.xCache}): ${got} instead of ${held}`)
    })
    return { stale, hits }
  } finally {
    await uncached.close()
  }
}

/** An answer without what differs between any two. */
export function lastingOf({ status, text }: Pick<Answer, 'status' | 'text'>): string {
  if (!text.startsWith('{')) return `${status} ${text}`
  const { generatedAt: _, cached: __, ...rest } = JSON.parse(text)
  return `${status} ${JSON.stringify(rest)}`
}
