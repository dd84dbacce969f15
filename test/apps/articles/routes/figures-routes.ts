import type { Cache } from 'express-cacheable'
import { param } from '../requests.js'
import type { ArticleService } from '../services/article-service.js'
import type { DigestService, FiguresService } from '../services/figures-service.js'
import type { Wiring } from '../wiring.js'

export function figuresRoutes(
  wiring: Wiring,
  cache: Cache | null,
  {
    figures,
    digests,
    articles,
  }: { figures: FiguresService; digests: DigestService; articles: ArticleService },
): void {
  const cachedDigests = cache ? cache.methods(digests) : digests
  const summary = () =>
    cache ? cache.wrap('summary', '1h', () => figures.summary(), { name: 'summary' }) : figures.summary()

  wiring.read('/popular', 'popular', () => figures.popular())

  wiring.read('/statistics', 'statistics', () => figures.statistics())

  wiring.read('/ranking', 'ranking', () => figures.ranking())

  // Cached within, not here.
  wiring.router.get('/digests/:tag', async (req, res) => {
    res.json(await cachedDigests.digest(param(req, 'tag')))
  })

  wiring.router.get('/summary', async (_req, res) => {
    res.json(await summary())
  })

  wiring.read('/front', 'front', async () => {
    const [figuresNow, newest] = await Promise.all([summary(), articles.newest()])
    return { ...figuresNow, newest }
  })
}
