import { Failure, found } from '../failures.js'
import type { Prisma, PrismaClient } from '../prisma/generated/client.js'

const PAGE = 5
const BY_NAME = { orderBy: { name: 'asc' }, select: { name: true } } as const
const IN_LISTS = {
  ...{ id: true, slug: true, title: true, status: true },
  ...{ author: { select: { name: true } }, tags: BY_NAME },
} as const satisfies Prisma.ArticleSelect
const WRITTEN = {
  ...{ id: true, slug: true, title: true, status: true, seriesId: true },
  ...{ author: { select: { id: true, name: true } }, tags: BY_NAME },
} as const satisfies Prisma.ArticleSelect

export interface ArticleFilter {
  readonly tag: string | undefined
  readonly author: string | undefined
}

export interface NewArticle {
  readonly slug: string
  readonly title: string
  readonly body: string
  readonly tags: readonly string[]
  readonly seriesId: number | null | undefined
}

export interface ArticleChanges {
  readonly slug: string | undefined
  readonly title: string | undefined
  readonly body: string | undefined
  readonly tags: readonly string[]
}

export class ArticleService {
  constructor(private readonly prisma: PrismaClient) {}

  /** As the viewer sees it: drafts are there for their authors alone. */
  async view(slug: string, viewerId: number) {
    const article = await this.prisma.article.findUnique({
      where: { slug },
      include: { author: true, tags: BY_NAME, series: { select: { id: true, title: true } } },
    })
    const { id, authorId, author, title, body, status, views, tags, series } = found(article, 'article')
    if (status === 'DRAFT' && authorId !== viewerId) throw new Failure(404, 'There is no such article')
    const { favourite, follow } = this.prisma
    const [favourites, favourited, following] = await Promise.all([
      favourite.count({ where: { articleId: id } }),
      favourite.count({ where: { userId: viewerId, articleId: id } }),
      follow.findUnique({
        where: { followerId_followedId: { followerId: viewerId, followedId: authorId } },
      }),
    ])
    return {
      ...{ id, slug, title, body, status, views, favourites, favourited: favourited > 0 },
      ...{ author: { name: author.name, following: following !== null } },
      ...{ series, tags: tags.map(({ name }) => name) },
    }
  }

  async list({ tag, author }: ArticleFilter, page: number) {
    const where: Prisma.ArticleWhereInput = {
      status: 'PUBLISHED',
      ...(tag === undefined ? {} : { tags: { some: { name: tag } } }),
      ...(author === undefined ? {} : { author: { is: { name: author } } }),
    }
    const [articles, total] = await Promise.all([
      this.page(where, page),
      this.prisma.article.count({ where }),
    ])
    return { articles, total }
  }

  /** By those whom the reader follows. */
  feed(readerId: number, page: number) {
    const author = { followers: { some: { followerId: readerId } } }
    return this.page({ status: 'PUBLISHED', author }, page)
  }

  newest() {
    return this.page({ status: 'PUBLISHED' }, 0)
  }

  search(words: string) {
    const contains = { contains: words, mode: 'insensitive' } as const
    return this.prisma.article.findMany({
      where: { status: 'PUBLISHED', OR: [{ title: contains }, { body: contains }] },
      ...{ select: { slug: true, title: true }, orderBy: { id: 'desc' }, take: 10 },
    })
  }

  discussedBy(name: string) {
    return this.prisma.article.findMany({
      where: { status: 'PUBLISHED', comments: { some: { author: { is: { name } } } } },
      ...{ select: { slug: true, title: true }, orderBy: { id: 'desc' } },
    })
  }

  favouritesOf(userId: number) {
    return this.prisma.article.findMany({
      where: { favourites: { some: { userId } } },
      ...{ select: IN_LISTS, orderBy: { id: 'desc' } },
    })
  }

  async revisions(slug: string) {
    const article = await this.prisma.article.findUnique({ where: { slug }, select: { id: true } })
    const { id } = found(article, 'article')
    return this.prisma.revision.findMany({ where: { articleId: id }, orderBy: { id: 'asc' } })
  }

  create(authorId: number, { slug, title, body, tags, seriesId }: NewArticle) {
    return this.prisma.article.create({
      data: {
        ...{ slug, title, body, tags: { connectOrCreate: tags.map(tagByName) } },
        author: { connect: { id: authorId } },
        ...(seriesId ? { series: { connect: { id: seriesId } } } : {}),
      },
      select: WRITTEN,
    })
  }

  /** The tags given are all it has from then on. */
  update(slug: string, changes: ArticleChanges) {
    const tags = { set: [], connectOrCreate: changes.tags.map(tagByName) }
    return this.prisma.article.update({
      where: { slug },
      data: {
        ...(changes.slug === undefined ? {} : { slug: changes.slug }),
        ...(changes.title === undefined ? {} : { title: changes.title }),
        ...(changes.body === undefined ? {} : { body: changes.body }),
        tags,
      },
      select: WRITTEN,
    })
  }

  delete(slug: string) {
    return this.prisma.article.delete({ where: { slug }, select: WRITTEN })
  }

  untag(slug: string, name: string) {
    return this.prisma.article.update({
      where: { slug },
      data: { tags: { disconnect: { name } } },
      select: WRITTEN,
    })
  }

  putIntoSeries(slug: string, seriesId: number | null) {
    const series = seriesId === null ? { disconnect: true } : { connect: { id: seriesId } }
    return this.prisma.article.update({ where: { slug }, data: { series }, select: WRITTEN })
  }

  private page(where: Prisma.ArticleWhereInput, page: number) {
    return this.prisma.article.findMany({
      ...{ where, select: IN_LISTS, orderBy: { id: 'desc' } },
      ...{ skip: page * PAGE, take: PAGE },
    })
  }
}

function tagByName(name: string) {
  return { where: { name }, create: { name } }
}
