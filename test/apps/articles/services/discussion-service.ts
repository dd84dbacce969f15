import { found } from '../failures.js'
import type { PrismaClient } from '../prisma/generated/client.js'

/** What readers say, and what they like. */
export class DiscussionService {
  constructor(private readonly prisma: PrismaClient) {}

  /** Those of people who are gone have no author. */
  async comments(slug: string) {
    const article = await this.prisma.article.findUnique({
      where: { slug },
      select: {
        comments: {
          select: { id: true, body: true, author: { select: { name: true } } },
          orderBy: { id: 'asc' },
        },
      },
    })
    return found(article, 'article').comments
  }

  comment(authorId: number, slug: string, body: string) {
    return this.prisma.comment.create({
      data: { body, article: { connect: { slug } }, author: { connect: { id: authorId } } },
      select: { id: true, body: true, authorId: true, article: { select: { id: true, slug: true } } },
    })
  }

  deleteComment(id: number) {
    return this.prisma.comment.delete({
      where: { id },
      select: { id: true, authorId: true, article: { select: { id: true, slug: true } } },
    })
  }

  /** Takes every comment away that has the word. */
  deleteComments(word: string) {
    return this.prisma.comment.deleteMany({ where: { body: { contains: word } } })
  }

  /** Through the user, as a nested write. */
  async like(userId: number, slug: string) {
    const article = await this.require(slug)
    await this.prisma.user.update({
      where: { id: userId },
      data: {
        favourites: {
          connectOrCreate: {
            where: { userId_articleId: { userId, articleId: article.id } },
            create: { articleId: article.id },
          },
        },
      },
    })
    return article
  }

  async unlike(userId: number, slug: string) {
    const article = await this.require(slug)
    await this.prisma.favourite.deleteMany({ where: { userId, articleId: article.id } })
    return article
  }

  /** Everything that somebody has published. */
  async likeAll(userId: number, author: string) {
    const articles = await this.prisma.article.findMany({
      where: { author: { is: { name: author } }, status: 'PUBLISHED' },
      select: { id: true },
    })
    const data = articles.map(({ id }) => ({ userId, articleId: id }))
    return this.prisma.favourite.createMany({ data, skipDuplicates: true })
  }

  private async require(slug: string) {
    const article = this.prisma.article.findUnique({
      where: { slug },
      select: { id: true, slug: true, author: { select: { id: true, name: true } } },
    })
    return found(await article, 'article')
  }
}
