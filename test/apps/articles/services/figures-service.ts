import { Cacheable } from 'express-cacheable'
import type { PrismaClient } from '../prisma/generated/client.js'

export class FiguresService {
  constructor(private readonly prisma: PrismaClient) {}

  /** From a view of the database. */
  popular() {
    return this.prisma.popularArticle.findMany({
      ...{ where: { favourites: { gte: 2 } }, orderBy: [{ favourites: 'desc' }, { id: 'asc' }], take: 10 },
    })
  }

  async statistics() {
    const { article, comment, user } = this.prisma
    const [people, byStatus, views, comments] = await Promise.all([
      user.count(),
      article.groupBy({ by: ['status'], _count: true, orderBy: { status: 'asc' } }),
      article.aggregate({ where: { status: 'PUBLISHED' }, _sum: { views: true }, _max: { views: true } }),
      comment.groupBy({
        ...{ by: ['articleId'], _count: { id: true } },
        ...{ orderBy: [{ _count: { id: 'desc' } }, { articleId: 'asc' }], take: 3 },
      }),
    ])
    return { people, byStatus, views: views._sum.views, mostViews: views._max.views, comments }
  }

  /** Authors by how often their articles are somebody's favourite. */
  ranking() {
    return this.prisma.$queryRawUnsafe<{ name: string; favourites: number }[]>(
      `WITH liked AS (
        SELECT article."authorId" AS author, count(*)::int AS favourites
        FROM "Favourite" favourite JOIN "Article" article ON article."id" = favourite."articleId"
        WHERE article."status" = $1::"Status"
        GROUP BY article."authorId"
      )
      SELECT person."name", liked.favourites FROM liked JOIN "User" person ON person."id" = liked.author
      ORDER BY liked.favourites DESC, person."name" LIMIT 5`,
      'PUBLISHED',
    )
  }

  async summary() {
    const { article, user } = this.prisma
    const [articles, authors] = await Promise.all([
      article.count({ where: { status: 'PUBLISHED' } }),
      user.count({ where: { articles: { some: { status: 'PUBLISHED' } } } }),
    ])
    return { articles, authors }
  }
}

/** What a newsletter says of a tag; a service that the cache wraps, without a request. */
export class DigestService {
  constructor(private readonly prisma: PrismaClient) {}

  @Cacheable('digest:{args.0}', '1h')
  async digest(tag: string) {
    const articles = await this.prisma.article.findMany({
      where: { status: 'PUBLISHED', tags: { some: { name: tag } } },
      select: { title: true, author: { select: { name: true } }, _count: { select: { comments: true } } },
      orderBy: [{ comments: { _count: 'desc' } }, { id: 'desc' }],
      take: 3,
    })
    return articles.map(
      ({ title, author, _count }) => `${title} by ${author.name}, ${_count.comments} comments`,
    )
  }
}
