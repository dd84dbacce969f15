import { change, names, type Scenario, same, size, whole } from './scenario.js'

export const COLLECTION_SCENARIOS: readonly Scenario[] = [
  {
    ...{
      write: 'PUT /tags/:name',
      by: 1,
      path: '/tags/tea',
      body: { name: 'coffee' },
      answers: { renamed: 1 },
    },
    changes: [
      change(0, '/tags', (list) => list[1].name, 'looms', 'coffee'),
      change(0, '/articles/slug-1', ({ tags }) => tags, ['rain', 'tea'], ['coffee', 'rain']),
      change(0, '/articles?tag=tea', size, 2, 0),
      change(2, '/feed', (list) => list[1].tags[0].name, 'rain', 'coffee'),
      change(2, '/me/favourites', (list) => list[0].tags[0].name, 'rain', 'coffee'),
      change(0, '/tags/rain/related', names, ['maps', 'tea'], ['coffee', 'maps']),
      change(0, '/digests/tea', size, 2, 0),
      change(0, '/front', ({ newest }) => newest[4].tags[0].name, 'rain', 'coffee'),
    ],
  },
  {
    ...{
      write: 'PUT /tags/:name',
      by: 1,
      path: '/tags/tea',
      body: { name: 'rain' },
      answers: { renamed: 0 },
    },
    changes: [same(0, '/articles?tag=tea', size, 2)],
  },
  {
    ...{ write: 'POST /tags/:name/merge', by: 1, path: '/tags/tea/merge', body: { into: 'rain' } },
    changes: [
      change(0, '/tags', size, 6, 5),
      change(0, '/articles/slug-1', ({ tags }) => tags, ['rain', 'tea'], ['rain']),
      change(0, '/articles?tag=tea', size, 2, 0),
      change(0, '/tags/rain/related', names, ['maps', 'tea'], ['birds', 'maps']),
      change(0, '/digests/tea', size, 2, 0),
    ],
  },
  {
    ...{ write: 'DELETE /tags/unused', by: 1, path: '/tags/unused', answers: { count: 1 } },
    changes: [change(0, '/tags', size, 6, 5)],
  },
  {
    ...{ write: 'POST /series', by: 1, path: '/series', body: { title: 'More' }, answers: { id: 3 } },
    changes: [change(0, '/series', size, 2, 3)],
  },
  {
    ...{
      write: 'PUT /series/:id/articles',
      by: 2,
      path: '/series/2/articles',
      body: { slugs: ['slug-1', 'slug-3'] },
    },
    changes: [
      change(0, '/series/2', ({ articles }) => articles.length, 0, 2),
      change(0, '/series/1', ({ articles }) => articles.length, 2, 1),
      change(0, '/articles/slug-1', ({ series }) => series.id, 1, 2),
      change(0, '/series?of=empty', size, 1, 0),
    ],
  },
  {
    ...{ write: 'PUT /series/:id/title', by: 1, path: '/series/1/title', body: { title: 'Steps' } },
    changes: [
      change(0, '/series/1', ({ title }) => title, 'First steps', 'Steps'),
      change(0, '/series', (list) => list[0].title, 'First steps', 'Steps'),
      change(0, '/articles/slug-1', ({ series }) => series.title, 'First steps', 'Steps'),
    ],
  },
  {
    ...{ write: 'DELETE /series/:id', by: 1, path: '/series/1', answers: { id: 1 } },
    changes: [
      change(0, '/series', size, 2, 1),
      change(0, '/series/1', ({ title }) => title, 'First steps', undefined),
      change(0, '/articles/slug-1', ({ series }) => series, { id: 1, title: 'First steps' }, null),
      same(0, '/summary', whole, { articles: 5, authors: 3 }),
    ],
  },
]
