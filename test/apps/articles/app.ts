import express, { type Express } from 'express'
import type { Cache } from 'express-cacheable'
import { type Declared, type Eviction, evictionsOf } from './evictions.js'
import { answerFailure, answerNotFound } from './failures.js'
import type { PrismaClient } from './prisma/generated/client.js'
import { readUser } from './requests.js'
import { articleRoutes, publishingRoutes } from './routes/article-routes.js'
import { seriesRoutes, tagRoutes } from './routes/collection-routes.js'
import { figuresRoutes } from './routes/figures-routes.js'
import { discussionRoutes, peopleRoutes } from './routes/people-routes.js'
import { ArticleService } from './services/article-service.js'
import { DiscussionService } from './services/discussion-service.js'
import { DigestService, FiguresService } from './services/figures-service.js'
import { PeopleService } from './services/people-service.js'
import { PublishingService } from './services/publishing-service.js'
import { SeriesService } from './services/series-service.js'
import { TagService } from './services/tag-service.js'
import { Wiring } from './wiring.js'

/** Keys of no rule, which patterns name. */
export const EXTERNAL_KEYS = ['summary']

export interface ArticlesParts {
  readonly prisma: PrismaClient
  /** `null` gives the same application without a cache. */
  readonly cache: Cache | null
  readonly declare: Declared | readonly Eviction[]
}

/** A place where people write articles, and follow, favour and discuss what others wrote. */
export function articlesApp({ prisma, cache, declare }: ArticlesParts): Express {
  const articles = new ArticleService(prisma)
  const figures = new FiguresService(prisma)
  const wiring = new Wiring(cache, typeof declare === 'string' ? evictionsOf(declare) : declare)
  articleRoutes(wiring, articles)
  publishingRoutes(wiring, new PublishingService(prisma))
  peopleRoutes(wiring, new PeopleService(prisma))
  discussionRoutes(wiring, new DiscussionService(prisma))
  tagRoutes(wiring, new TagService(prisma))
  seriesRoutes(wiring, new SeriesService(prisma))
  figuresRoutes(wiring, cache, { figures, digests: new DigestService(prisma), articles })

  return express()
    .set('env', 'test')
    .disable('x-powered-by')
    .use(express.json(), readUser)
    .use(wiring.router)
    .use(answerNotFound)
    .use(answerFailure)
}
