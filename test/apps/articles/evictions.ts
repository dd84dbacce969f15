/** One pattern of one write. */
export interface Eviction {
  readonly write: Write
  readonly pattern: string
}

/** What may be declared: each is a list, so that a test can take one out. */
export type Declared = 'nothing' | 'thing and list' | 'all'

export type Write = keyof typeof COMPLETE

/** Everything that shows an article of whoever it is. */
const ARTICLE_LISTS = ['articles:*', 'feed:*', 'favourites:*', 'digest:*', 'front'] as const

/** What counts articles, or depends on whether there are some. */
const ARTICLE_FIGURES = ['popular', 'ranking', 'statistics', 'summary', 'tags'] as const

/** Made of what readers have said. */
const DISCUSSION = ['statistics', 'discussed:*', 'readers', 'digest:*'] as const

/** What each write changes, by hand: all of it. */
const COMPLETE = {
  'POST /people': ['bylines:*', 'statistics'],
  'PUT /me': [
    ...['article:*', ...ARTICLE_LISTS, 'comments:*', 'discussed:*', 'series:*'],
    ...['person:*', 'followers:*', 'bylines:*', 'readers', 'popular', 'ranking'],
  ],
  'DELETE /me': [
    ...['article:*', ...ARTICLE_LISTS, ...ARTICLE_FIGURES, 'comments:*', 'discussed:*', 'revisions:*'],
    ...['search:*', 'related:*', 'series:*', 'series-list:*'],
    ...['person:*', 'followers:*', 'bylines:*', 'readers', 'desk:*'],
  ],
  'PUT /people/:name/follow': [
    ...['article:*:{user.id}', 'feed:{user.id}:*', 'person:*', 'followers:{name}', 'desk:{result.id}'],
  ],
  'DELETE /people/:name/follow': [
    ...['article:*:{user.id}', 'feed:{user.id}:*', 'person:*', 'followers:{name}', 'desk:{result.id}'],
  ],

  'POST /articles': [
    ...['tags', 'related:*', 'series:{result.seriesId}', 'series-list:*', 'statistics'],
    ...['desk:{user.id}', 'readers'],
  ],
  'PUT /articles/:slug': [
    ...['article:{slug}:*', ...ARTICLE_LISTS, 'comments:{slug}', 'discussed:*', 'revisions:{slug}'],
    ...['search:*', 'tags', 'related:*', 'series:{result.seriesId}', 'popular'],
  ],
  'DELETE /articles/:slug': [
    ...['article:{slug}:*', ...ARTICLE_LISTS, ...ARTICLE_FIGURES, 'comments:{slug}', 'discussed:*'],
    ...['revisions:{slug}', 'search:*', 'related:*', 'series:{result.seriesId}', 'series-list:*'],
    ...['person:{result.author.name}:*', 'desk:{result.author.id}', 'readers'],
  ],
  'DELETE /articles/:slug/tags/:tag': [
    ...[
      'article:{slug}:*',
      'articles:*',
      'feed:*',
      'favourites:*',
      'front',
      'digest:{tag}',
      'tags',
      'related:*',
    ],
  ],
  'PUT /articles/:slug/series': ['article:{slug}:*', 'series:*', 'series-list:*'],

  'POST /articles/:slug/publish': [
    ...['article:{slug}:*', ...ARTICLE_LISTS, ...ARTICLE_FIGURES, 'comments:{slug}', 'discussed:*'],
    ...['revisions:{slug}', 'search:*', 'series:*', 'series-list:*'],
    ...['person:{result.author.name}:*', 'desk:{result.author.id}'],
  ],
  'POST /articles/:slug/views': ['article:{slug}:*', 'statistics', 'desk:*'],
  'DELETE /views': ['article:*', 'statistics', 'desk:*'],
  'POST /me/withdrawal': [
    ...['article:*', ...ARTICLE_LISTS, ...ARTICLE_FIGURES, 'discussed:*', 'revisions:*', 'search:*'],
    ...['series:*', 'series-list:*', 'person:*', 'desk:{user.id}'],
  ],
  'POST /imports': [
    ...['article:*', ...ARTICLE_LISTS, ...ARTICLE_FIGURES, 'comments:*', 'discussed:*', 'revisions:*'],
    ...['search:*', 'related:*', 'series:*', 'series-list:*', 'person:*', 'desk:{user.id}', 'readers'],
  ],
  'POST /transfers': [
    ...['article:*', ...ARTICLE_LISTS, 'series:*', 'popular', 'ranking', 'summary'],
    ...['person:*', 'desk:*', 'readers'],
  ],

  'POST /articles/:slug/comments': ['comments:{slug}', ...DISCUSSION, 'desk:*'],
  'DELETE /comments/:id': ['comments:{result.article.slug}', ...DISCUSSION, 'desk:*'],
  'POST /moderation': ['comments:*', ...DISCUSSION, 'desk:*'],
  'PUT /articles/:slug/favourite': [
    ...['article:{slug}:*', 'favourites:{user.id}', 'popular', 'ranking', 'desk:{result.author.id}'],
  ],
  'DELETE /articles/:slug/favourite': [
    ...['article:{slug}:*', 'favourites:{user.id}', 'popular', 'ranking', 'desk:{result.author.id}'],
  ],
  'POST /me/favourites': ['article:*', 'favourites:{user.id}', 'popular', 'ranking', 'desk:*'],

  'PUT /tags/:name': ['article:*', ...ARTICLE_LISTS, 'tags', 'related:*'],
  'POST /tags/:name/merge': ['article:*', ...ARTICLE_LISTS, 'tags', 'related:*'],
  'DELETE /tags/unused': ['tags'],
  'POST /series': ['series-list:*'],
  'PUT /series/:id/articles': ['article:*', 'series:*', 'series-list:*'],
  'PUT /series/:id/title': ['article:*', 'series:{id}', 'series-list:*'],
  'DELETE /series/:id': ['article:*', 'series:{id}', 'series-list:*'],
} as const satisfies Record<string, readonly string[]>

/** What people declare who think of what they write, and of the list that it stands in. */
const THING_AND_LIST: Partial<Record<Write, readonly string[]>> = {
  'POST /people': ['bylines:*'],
  'PUT /me': ['person:{result.name}:*', 'bylines:*'],
  'DELETE /me': ['person:{result.name}:*', 'bylines:*'],
  'PUT /people/:name/follow': ['person:{name}:*', 'followers:{name}'],
  'DELETE /people/:name/follow': ['person:{name}:*', 'followers:{name}'],
  'POST /articles': ['article:{result.slug}:*', 'articles:*'],
  'PUT /articles/:slug': ['article:{slug}:*', 'articles:*'],
  'DELETE /articles/:slug': ['article:{slug}:*', 'articles:*'],
  'DELETE /articles/:slug/tags/:tag': ['article:{slug}:*', 'tags'],
  'PUT /articles/:slug/series': ['article:{slug}:*', 'series:{result.seriesId}'],
  'POST /articles/:slug/publish': ['article:{slug}:*', 'articles:*'],
  'POST /articles/:slug/views': ['article:{slug}:*'],
  'DELETE /views': ['article:*'],
  'POST /me/withdrawal': ['article:*', 'articles:*'],
  'POST /imports': ['article:*', 'articles:*'],
  'POST /transfers': ['article:*', 'articles:*'],
  'POST /articles/:slug/comments': ['comments:{slug}'],
  'DELETE /comments/:id': ['comments:{result.article.slug}'],
  'POST /moderation': ['comments:*'],
  'PUT /articles/:slug/favourite': ['article:{slug}:*', 'favourites:{user.id}'],
  'DELETE /articles/:slug/favourite': ['article:{slug}:*', 'favourites:{user.id}'],
  'POST /me/favourites': ['article:*', 'favourites:{user.id}'],
  'PUT /tags/:name': ['tags'],
  'POST /tags/:name/merge': ['tags'],
  'DELETE /tags/unused': ['tags'],
  'POST /series': ['series-list:*'],
  'PUT /series/:id/articles': ['series:{id}', 'series-list:*'],
  'PUT /series/:id/title': ['series:{id}', 'series-list:*'],
  'DELETE /series/:id': ['series:{id}', 'series-list:*'],
}

export const WRITES = Object.keys(COMPLETE) as Write[]

export function evictionsOf(declared: Declared): readonly Eviction[] {
  if (declared === 'nothing') return []
  const map = declared === 'all' ? COMPLETE : THING_AND_LIST
  return WRITES.flatMap((write) => (map[write] ?? []).map((pattern) => ({ write, pattern })))
}
