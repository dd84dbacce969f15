import { Failure, found } from '../failures.js'
import { Prisma, type PrismaClient } from '../prisma/generated/client.js'

/** More published articles than these an author may not have. */
const MOST_PUBLISHED = 3

/** An article that comes from elsewhere, published at once. */
export interface Import {
  readonly slug: string
  readonly title: string
}

/** Ends a transaction on purpose. */
class OnlyTried extends Error {
  constructor(readonly moved: number) {
    super('only tried')
  }
}

/** Writes of several steps, which happen together or not at all. */
export class PublishingService {
  constructor(private readonly prisma: PrismaClient) {}

  /** Publishes, says so in a comment, and takes both back where the author has too many. */
  async publish(slug: string) {
    return this.prisma.$transaction(async (tx) => {
      const article = await tx.article.update({
        where: { slug },
        data: { status: 'PUBLISHED' },
        select: { id: true, slug: true, status: true, author: { select: { id: true, name: true } } },
      })
      const { id, author } = article
      await tx.comment.create({ data: { body: 'Published today.', articleId: id, authorId: author.id } })
      const published = await tx.article.count({ where: { authorId: author.id, status: 'PUBLISHED' } })
      if (published > MOST_PUBLISHED) throw new Failure(409, `${author.name} has published enough`)
      return article
    })
  }

  /** Takes all that the author has published back. */
  async withdrawAll(authorId: number) {
    const { count } = await this.prisma.article.updateMany({
      where: { authorId, status: 'PUBLISHED' },
      data: { status: 'DRAFT' },
    })
    return { count, authorId }
  }

  /** Puts articles in the place of those that came with an earlier import: all or none, in one batch. */
  async import(authorId: number, articles: readonly Import[]) {
    const { article } = this.prisma
    const slugs = articles.map(({ slug }) => slug)
    const [{ count: replaced }, { count: imported }] = await this.prisma.$transaction([
      article.deleteMany({ where: { authorId, slug: { in: slugs } } }),
      article.createMany({
        data: articles.map(({ slug, title }) => ({
          slug,
          title,
          body: title,
          authorId,
          status: 'PUBLISHED',
        })),
      }),
    ])
    return { replaced, imported }
  }

  /**
   * Gives all articles to somebody else. Nothing is moved where they would have too many, or where it is only tried, which
   * is a success all the same.
   */
  async transfer(fromId: number, toName: string, isTrial: boolean) {
    try {
      return await this.prisma.$transaction(async (tx) => {
        const to = found(await tx.user.findUnique({ where: { name: toName } }), 'person')
        const { count } = await tx.article.updateMany({
          where: { authorId: fromId },
          data: { authorId: to.id },
        })
        await tx.series.updateMany({ where: { ownerId: fromId }, data: { ownerId: to.id } })
        const published = await tx.article.count({ where: { authorId: to.id, status: 'PUBLISHED' } })
        if (published > MOST_PUBLISHED) throw new Failure(409, `${toName} has published enough`)
        if (isTrial) throw new OnlyTried(count)
        return { moved: count, fromId, toId: to.id, isTrial }
      })
    } catch (error) {
      if (error instanceof OnlyTried) return { moved: error.moved, fromId, isTrial }
      throw error
    }
  }

  /** Counts a view, without a look at the rest of the row. */
  async countView(slug: string) {
    const rows = await this.prisma.$queryRaw<{ slug: string; views: number }[]>`
      UPDATE "Article" SET "views" = "views" + 1 WHERE "slug" = ${slug} RETURNING "slug", "views"`
    return found(rows[0] ?? null, 'article')
  }

  /** Several at once, with as many questions in the text as there are slugs. */
  async resetViews(slugs: readonly string[]) {
    if (slugs.length === 0) return { reset: 0 }
    const reset = await this.prisma.$executeRaw`
      UPDATE "Article" SET "views" = 0 WHERE "slug" IN (${Prisma.join([...slugs])}) AND "views" > 0`
    return { reset }
  }
}
