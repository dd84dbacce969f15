import { found } from '../failures.js'
import type { Prisma, PrismaClient } from '../prisma/generated/client.js'

const FILTERS = {
  all: {},
  /** Nothing in it is a draft. An empty one is finished too. */
  finished: { articles: { every: { status: 'PUBLISHED' } } },
  empty: { articles: { none: {} } },
} as const satisfies Record<string, Prisma.SeriesWhereInput>

export type SeriesFilter = keyof typeof FILTERS

export function isSeriesFilter(name: string): name is SeriesFilter {
  return Object.hasOwn(FILTERS, name)
}

export class SeriesService {
  constructor(private readonly prisma: PrismaClient) {}

  async view(id: number) {
    const series = await this.prisma.series.findUnique({
      where: { id },
      select: {
        ...{ id: true, title: true, owner: { select: { name: true } } },
        articles: { select: { slug: true, title: true, status: true }, orderBy: { id: 'asc' } },
      },
    })
    return found(series, 'series')
  }

  list(filter: SeriesFilter) {
    return this.prisma.series.findMany({
      where: FILTERS[filter],
      ...{ select: { id: true, title: true }, orderBy: { id: 'asc' } },
    })
  }

  create(ownerId: number, title: string) {
    return this.prisma.series.create({ data: { title, owner: { connect: { id: ownerId } } } })
  }

  /** The articles given are all it has from then on. */
  arrange(id: number, slugs: readonly string[]) {
    return this.prisma.series.update({
      where: { id },
      data: { articles: { set: slugs.map((slug) => ({ slug })) } },
      select: { id: true, articles: { select: { slug: true }, orderBy: { id: 'asc' } } },
    })
  }

  async retitle(id: number, title: string) {
    const renamed = await this.prisma.$executeRawUnsafe(
      `UPDATE "Series" SET "title" = $1 WHERE "id" = $2`,
      title,
      id,
    )
    return { renamed }
  }

  /** Its articles stay. */
  delete(id: number) {
    return this.prisma.series.delete({ where: { id }, select: { id: true } })
  }
}
