import { found } from '../failures.js'
import type { PrismaClient } from '../prisma/generated/client.js'

export class TagService {
  constructor(private readonly prisma: PrismaClient) {}

  async all() {
    const tags = await this.prisma.tag.findMany({
      select: { name: true, _count: { select: { articles: { where: { status: 'PUBLISHED' } } } } },
      orderBy: { name: 'asc' },
    })
    return tags.map(({ name, _count }) => ({ name, articles: _count.articles }))
  }

  /** Tags that stand beside it, and on how many articles. */
  related(name: string) {
    return this.prisma.$queryRaw<{ name: string; together: number }[]>`
      SELECT other."name", count(*)::int AS "together"
      FROM "Tag" tag
      JOIN "_ArticleToTag" one ON one."B" = tag."id"
      JOIN "_ArticleToTag" two ON two."A" = one."A" AND two."B" <> one."B"
      JOIN "Tag" other ON other."id" = two."B"
      WHERE tag."name" = ${name}
      GROUP BY other."name" ORDER BY "together" DESC, other."name"`
  }

  /** Does nothing where there is one of that name. */
  async rename(name: string, to: string) {
    const renamed = await this.prisma.$executeRaw`
      UPDATE "Tag" SET "name" = ${to}
      WHERE "name" = ${name} AND NOT EXISTS (SELECT 1 FROM "Tag" WHERE "name" = ${to})`
    return { renamed }
  }

  /** All articles of one tag get the other, and the first is gone. */
  async merge(name: string, into: string) {
    return this.prisma.$transaction(async (tx) => {
      const from = found(await tx.tag.findUnique({ where: { name } }), 'tag')
      const to = await tx.tag.upsert({ where: { name: into }, create: { name: into }, update: {} })
      const moved = await tx.$executeRaw`
        INSERT INTO "_ArticleToTag" ("A", "B")
        SELECT "A", ${to.id} FROM "_ArticleToTag" WHERE "B" = ${from.id} ON CONFLICT DO NOTHING`
      if (from.id !== to.id) await tx.tag.delete({ where: { id: from.id } })
      return { moved }
    })
  }

  deleteUnused() {
    return this.prisma.tag.deleteMany({ where: { articles: { none: {} } } })
  }
}
