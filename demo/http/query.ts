import { IsCount, MayBeAbsent } from './fields.js'

const MAX_PAGE = 100_000
const MAX_LIMIT = 100
const DEFAULT_LIMIT = 10

/** `?page=`, for lists whose pages have one size. */
export class PageQuery {
  @MayBeAbsent()
  @IsCount(MAX_PAGE)
  page?: string
}

/** `?page=&limit=`. */
export class LimitedPageQuery extends PageQuery {
  @MayBeAbsent()
  @IsCount(MAX_LIMIT)
  limit?: string
}

/** Which part of a list is asked for. */
export interface Page {
  readonly page: number
  readonly limit: number
}

export interface Pagination extends Page {
  readonly total: number
  readonly totalPages: number
}

export function pageOf({ page = '1', limit = String(DEFAULT_LIMIT) }: LimitedPageQuery): Page {
  return { page: Number(page), limit: Number(limit) }
}

/** What Prisma needs to fetch the page. */
export function windowOf({ page, limit }: Page): { skip: number; take: number } {
  return { skip: (page - 1) * limit, take: limit }
}

export function paginationOf({ page, limit }: Page, total: number): Pagination {
  return { page, limit, total, totalPages: Math.ceil(total / limit) }
}
