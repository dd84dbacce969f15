import { found } from '../failures.js'
import type { PrismaClient } from '../prisma/generated/client.js'

export interface OwnChanges {
  readonly name: string | undefined
  /** `null` takes it away. */
  readonly biography: string | null | undefined
}

export class PeopleService {
  constructor(private readonly prisma: PrismaClient) {}

  async profile(name: string, viewerId: number) {
    const person = await this.prisma.user.findUnique({ where: { name }, include: { biography: true } })
    const { id, biography } = found(person, 'person')
    const { follow, article } = this.prisma
    const [followers, follows, articles, following] = await Promise.all([
      follow.count({ where: { followedId: id } }),
      follow.count({ where: { followerId: id } }),
      article.count({ where: { authorId: id, status: 'PUBLISHED' } }),
      follow.count({ where: { followerId: viewerId, followedId: id } }),
    ])
    const text = biography?.text ?? null
    return { name, biography: text, followers, follows, articles, following: following > 0 }
  }

  async followers(name: string) {
    const person = await this.prisma.user.findUnique({
      where: { name },
      select: { followers: { select: { follower: true }, orderBy: { followerId: 'asc' } } },
    })
    return found(person, 'person').followers.map(({ follower }) => follower.name)
  }

  /** The names' people, each asked for by itself: Prisma makes one statement of it. */
  bylines(names: readonly string[]) {
    return Promise.all(
      names.map((name) => this.prisma.user.findUnique({ where: { name }, select: { id: true, name: true } })),
    )
  }

  /** Who has said something and written nothing. */
  readers() {
    return this.prisma.user.findMany({
      where: { articles: { none: {} }, comments: { some: {} } },
      ...{ select: { name: true }, orderBy: { id: 'asc' } },
    })
  }

  /** What somebody finds on their desk, as it was at one moment. */
  async desk(userId: number) {
    const { article, comment, follow, favourite } = this.prisma
    const [byStatus, comments, followers, favourites] = await this.prisma.$transaction([
      article.groupBy({
        by: ['status'],
        where: { authorId: userId },
        ...{ _count: true, _sum: { views: true }, orderBy: { status: 'asc' } },
      }),
      comment.count({ where: { article: { is: { authorId: userId } } } }),
      follow.count({ where: { followedId: userId } }),
      favourite.count({ where: { article: { is: { authorId: userId } } } }),
    ])
    return { byStatus, comments, followers, favourites }
  }

  create(name: string, biography: string | undefined) {
    return this.prisma.user.create({
      data: {
        ...{ name, email: `${name}@example.org` },
        ...(biography === undefined ? {} : { biography: { create: { text: biography } } }),
      },
      select: { id: true, name: true },
    })
  }

  update(id: number, { name, biography }: OwnChanges) {
    return this.prisma.user.update({
      where: { id },
      data: {
        ...(name === undefined ? {} : { name }),
        ...(biography === undefined ? {} : { biography: biographyWrite(id, biography) }),
      },
      select: { id: true, name: true },
    })
  }

  delete(id: number) {
    return this.prisma.user.delete({ where: { id }, select: { id: true, name: true } })
  }

  async follow(followerId: number, name: string) {
    const followed = await this.require(name)
    const pair = { followerId, followedId: followed.id }
    await this.prisma.follow.upsert({
      ...{ where: { followerId_followedId: pair }, create: pair, update: {} },
    })
    return followed
  }

  async unfollow(followerId: number, name: string) {
    const followed = await this.require(name)
    await this.prisma.follow.deleteMany({ where: { followerId, followedId: followed.id } })
    return followed
  }

  private async require(name: string) {
    const person = this.prisma.user.findUnique({ where: { name }, select: { id: true, name: true } })
    return found(await person, 'person')
  }
}

function biographyWrite(userId: number, text: string | null) {
  if (text === null) return { delete: { userId } }
  return { upsert: { create: { text }, update: { text } } }
}
