import type { PrismaClient } from './prisma/generated/client.js'

export const PEOPLE = ['ada', 'bob', 'cleo', 'dan'] as const
export const TAGS = ['tea', 'rain', 'maps', 'looms', 'birds'] as const

/** Writes the first rows: four people, of whom three write, with articles, tags, series, comments and favourites. */
export async function populate(prisma: PrismaClient): Promise<void> {
  for (const name of PEOPLE) await prisma.user.create({ data: { name, email: `${name}@example.org` } })
  await prisma.biography.create({ data: { userId: 1, text: 'Writes on looms.' } })
  await prisma.follow.createMany({
    data: [
      { followerId: 1, followedId: 2 },
      { followerId: 2, followedId: 1 },
      { followerId: 3, followedId: 1 },
    ],
  })
  await prisma.series.createMany({
    data: [
      { title: 'First steps', ownerId: 1 },
      { title: 'Empty so far', ownerId: 2 },
    ],
  })
  for (const [nth, authorId] of [1, 1, 2, 2, 3, 1].entries()) {
    await prisma.article.create({
      data: {
        ...{ slug: `slug-${nth + 1}`, title: `On ${TAGS[nth % TAGS.length]}`, body: 'What we know of it.' },
        ...{ status: nth === 5 ? 'DRAFT' : 'PUBLISHED', author: { connect: { id: authorId } } },
        ...(nth < 2 ? { series: { connect: { id: 1 } } } : {}),
        tags: { connectOrCreate: [tagged(nth), tagged(nth + 1)] },
      },
    })
  }
  await prisma.comment.createMany({
    data: [
      { articleId: 1, authorId: 2, body: 'A fine start.' },
      { articleId: 1, authorId: 4, body: 'More, please.' },
      { articleId: 3, authorId: 1, body: 'A fine map.' },
    ],
  })
  await prisma.favourite.createMany({
    data: [
      { userId: 1, articleId: 3 },
      { userId: 2, articleId: 1 },
      { userId: 3, articleId: 1 },
      { userId: 4, articleId: 3 },
    ],
  })
}

function tagged(nth: number) {
  const name = TAGS[nth % TAGS.length] as string
  return { where: { name }, create: { name } }
}
