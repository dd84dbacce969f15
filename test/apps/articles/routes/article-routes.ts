import { Failure } from '../failures.js'
import {
  isSaid,
  optionalNumber,
  optionalText,
  pageOf,
  param,
  queried,
  text,
  texts,
  userOf,
} from '../requests.js'
import type { ArticleService } from '../services/article-service.js'
import type { PublishingService } from '../services/publishing-service.js'
import type { Wiring } from '../wiring.js'

export function articleRoutes(wiring: Wiring, articles: ArticleService): void {
  wiring.read(
    '/articles',
    'articles:{query.tag|all}:{query.author|all}:{query.page|=1}',
    async (req, res) => {
      const filter = { tag: queried(req, 'tag'), author: queried(req, 'author') }
      const { articles: found, total } = await articles.list(filter, pageOf(req))
      res.set('X-Total-Count', String(total))
      return found
    },
  )

  wiring.read('/articles/:slug', 'article:{slug}:{user.id|nobody}', (req) =>
    articles.view(param(req, 'slug'), userOf(req)),
  )

  wiring.readOwn('/feed', 'feed:{user.id}:{query.page|=1}', (req) => articles.feed(userOf(req), pageOf(req)))

  wiring.read('/search', 'search:{query.q}', async (req) => {
    const words = queried(req, 'q')
    if (words === undefined) throw new Failure(400, 'q is missing')
    return articles.search(words)
  })

  wiring.read('/discussed/:by', 'discussed:{by}', (req) => articles.discussedBy(param(req, 'by')))

  wiring.readOwn('/me/favourites', 'favourites:{user.id}', (req) => articles.favouritesOf(userOf(req)))

  wiring.read('/articles/:slug/revisions', 'revisions:{slug}', (req) =>
    articles.revisions(param(req, 'slug')),
  )

  wiring.write('POST /articles', (req) =>
    articles.create(userOf(req), {
      ...{ slug: text(req, 'slug'), title: text(req, 'title'), body: text(req, 'body') },
      ...{ tags: texts(req, 'tags'), seriesId: optionalNumber(req, 'seriesId') },
    }),
  )

  wiring.write('PUT /articles/:slug', (req) =>
    articles.update(param(req, 'slug'), {
      ...{ slug: optionalText(req, 'slug'), title: optionalText(req, 'title') },
      ...{ body: optionalText(req, 'body'), tags: texts(req, 'tags') },
    }),
  )

  wiring.write('DELETE /articles/:slug', (req) => articles.delete(param(req, 'slug')))

  wiring.write('DELETE /articles/:slug/tags/:tag', (req) =>
    articles.untag(param(req, 'slug'), param(req, 'tag')),
  )

  wiring.write('PUT /articles/:slug/series', (req) =>
    articles.putIntoSeries(param(req, 'slug'), optionalNumber(req, 'seriesId') ?? null),
  )
}

export function publishingRoutes(wiring: Wiring, publishing: PublishingService): void {
  wiring.write('POST /articles/:slug/publish', (req) => publishing.publish(param(req, 'slug')))

  wiring.write('POST /articles/:slug/views', (req) => publishing.countView(param(req, 'slug')))

  wiring.write('DELETE /views', (req) => publishing.resetViews(texts(req, 'slugs')))

  wiring.write('POST /me/withdrawal', (req) => publishing.withdrawAll(userOf(req)))

  wiring.write('POST /imports', (req) =>
    publishing.import(
      userOf(req),
      texts(req, 'slugs').map((slug) => ({ slug, title: `${text(req, 'title')} (${slug})` })),
    ),
  )

  wiring.write('POST /transfers', (req) =>
    publishing.transfer(userOf(req), text(req, 'to'), isSaid(req, 'isTrial')),
  )
}
