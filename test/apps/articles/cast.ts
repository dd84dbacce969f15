import type { Random } from '../../consistency/random.js'
import type { Ask, Cast } from '../twin/subject.js'
import type { Write } from './evictions.js'

const NAMES = ['ada', 'bob', 'cleo', 'dan', 'eva', 'finn'] as const
const TAG_NAMES = ['tea', 'rain', 'maps', 'looms', 'rivers'] as const
const SLUGS = Array.from({ length: 7 }, (_, nth) => `slug-${nth + 1}`)
const WORDS = ['fine', 'looms', 'rain', 'steps', 'more', 'know'] as const

/** How often each write is chosen, of all. Those that take much away are rare, or there would soon be nothing. */
const WEIGHTS: Readonly<Record<Write, number>> = {
  'POST /people': 5,
  'PUT /me': 4,
  'DELETE /me': 1,
  'PUT /people/:name/follow': 5,
  'DELETE /people/:name/follow': 3,
  'POST /articles': 8,
  'PUT /articles/:slug': 5,
  'DELETE /articles/:slug': 2,
  'DELETE /articles/:slug/tags/:tag': 2,
  'PUT /articles/:slug/series': 3,
  'POST /articles/:slug/publish': 7,
  'POST /articles/:slug/views': 4,
  'DELETE /views': 1,
  'POST /me/withdrawal': 1,
  'POST /imports': 2,
  'POST /transfers': 2,
  'POST /articles/:slug/comments': 6,
  'DELETE /comments/:id': 3,
  'POST /moderation': 1,
  'PUT /articles/:slug/favourite': 6,
  'DELETE /articles/:slug/favourite': 3,
  'POST /me/favourites': 2,
  'PUT /tags/:name': 2,
  'POST /tags/:name/merge': 1,
  'DELETE /tags/unused': 1,
  'POST /series': 2,
  'PUT /series/:id/articles': 2,
  'PUT /series/:id/title': 2,
  'DELETE /series/:id': 1,
}
const DRAWN = Object.entries(WEIGHTS).flatMap(([write, weight]) => Array<Write>(weight).fill(write as Write))

const READS = [
  '/articles',
  '/articles/:slug',
  '/feed',
  '/search',
  '/discussed/:by',
  '/me/favourites',
  '/articles/:slug/revisions',
  '/articles/:slug/comments',
  '/people/:name',
  '/people/:name/followers',
  '/bylines',
  '/readers',
  '/me/desk',
  '/tags',
  '/tags/:name/related',
  '/series',
  '/series/:id',
  '/popular',
  '/statistics',
  '/ranking',
  '/digests/:tag',
  '/summary',
  '/front',
] as const

/** Readers and writers of articles. */
export class ArticlesCast implements Cast {
  readonly #people = [1, 2, 3, 4]
  readonly #series = [1, 2]
  readonly #comments = [1, 2, 3]

  read(random: Random): Ask {
    const route = random.oneOf(READS)
    return this.#ask('GET', route, random, this.#queryOf(route, random))
  }

  write(random: Random): Ask {
    const name = random.oneOf(DRAWN)
    const [method, route] = name.split(' ') as [string, string]
    return this.#ask(method, route, random, '', bodyOf(name, random, this.#series))
  }

  learn({ name }: Ask, { status, text }: { readonly status: number; readonly text: string }): void {
    if (status >= 400) return
    const { id } = JSON.parse(text)
    if (name === 'POST /people') remember(this.#people, id)
    // Some stay known, and go on asking.
    if (name === 'DELETE /me' && this.#people.length > 3) this.#people.splice(this.#people.indexOf(id), 1)
    if (name === 'POST /series') remember(this.#series, id)
    if (name === 'POST /articles/:slug/comments') remember(this.#comments, id)
  }

  #ask(method: string, route: string, random: Random, query: string, body?: unknown): Ask {
    const path = route.replaceAll(/:(\w+)/g, (_, name: string) =>
      encodeURIComponent(this.#value(name, random, route)),
    )
    // Some reads are asked by nobody in particular.
    const isAnonymous = method === 'GET' && random.chance(0.2)
    const headers = isAnonymous ? {} : { authorization: `User ${random.oneOf(this.#people)}` }
    const ask = { name: `${method} ${route}`, method, path: path + query, headers }
    return body === undefined ? ask : { ...ask, body }
  }

  #value(name: string, random: Random, route: string): string {
    switch (name) {
      case 'slug':
        return random.oneOf(SLUGS)
      case 'tag':
        return random.oneOf(TAG_NAMES)
      case 'id':
        return String(random.oneOf(route.startsWith('/comments') ? this.#comments : this.#series))
      default:
        return random.oneOf(route.startsWith('/tags') ? TAG_NAMES : NAMES)
    }
  }

  #queryOf(route: string, random: Random): string {
    switch (route) {
      case '/articles': {
        const filters = ['', `?tag=${random.oneOf(TAG_NAMES)}`, `?author=${random.oneOf(NAMES)}`, '?page=2']
        return random.oneOf(filters)
      }
      case '/feed':
        return random.oneOf(['', '', '?page=2'])
      case '/search':
        return `?q=${random.oneOf(WORDS)}`
      case '/bylines':
        return `?names=${random.oneOf(['ada,bob', 'cleo,dan,eva', NAMES.join(',')])}`
      case '/series':
        return random.oneOf(['', '?of=finished', '?of=empty'])
      default:
        return ''
    }
  }
}

function bodyOf(write: Write, random: Random, series: readonly number[]): unknown {
  const some = <Item>(items: readonly Item[], most: number): Item[] => [
    ...new Set(Array.from({ length: random.below(most + 1) }, () => random.oneOf(items))),
  ]
  const words = () => `On ${random.oneOf(WORDS)} and ${random.oneOf(WORDS)}`
  const seriesId = () => random.oneOf([null, ...series])
  switch (write) {
    case 'POST /people':
      return { name: random.oneOf(NAMES), ...(random.chance(0.5) ? { biography: words() } : {}) }
    case 'PUT /me':
      return random.oneOf([{ name: random.oneOf(NAMES) }, { biography: words() }, { biography: null }])
    case 'POST /articles':
      return {
        ...{ slug: random.oneOf(SLUGS), title: words(), body: words() },
        ...{ tags: some(TAG_NAMES, 3), seriesId: seriesId() },
      }
    case 'PUT /articles/:slug':
      return {
        ...random.oneOf([{ title: words() }, { body: words() }, { slug: random.oneOf(SLUGS) }, {}]),
        tags: some(TAG_NAMES, 3),
      }
    case 'PUT /articles/:slug/series':
      return { seriesId: seriesId() }
    case 'DELETE /views':
    case 'PUT /series/:id/articles':
      return { slugs: some(SLUGS, 4) }
    case 'POST /imports':
      return { slugs: some(SLUGS, 3), title: words() }
    case 'POST /transfers':
      return { to: random.oneOf(NAMES), isTrial: random.chance(0.4) }
    case 'POST /articles/:slug/comments':
      return { body: words() }
    case 'POST /moderation':
      return { word: random.oneOf(WORDS) }
    case 'POST /me/favourites':
      return { author: random.oneOf(NAMES) }
    case 'PUT /tags/:name':
      return { name: random.oneOf(TAG_NAMES) }
    case 'POST /tags/:name/merge':
      return { into: random.oneOf(TAG_NAMES) }
    case 'POST /series':
    case 'PUT /series/:id/title':
      return { title: words() }
    default:
      return undefined
  }
}

/** The newest few: older ones may be gone. */
function remember(ids: number[], id: number): void {
  ids.push(id)
  if (ids.length > 5) ids.shift()
}
