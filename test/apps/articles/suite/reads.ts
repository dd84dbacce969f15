/** A read of somebody; 0 is nobody in particular. */
export interface Reader {
  readonly by: number
  readonly path: string
}

const SHARED = [
  ...['/articles', '/articles?tag=tea', '/articles?author=ada', '/articles?page=2'],
  ...[
    '/search?q=tea',
    '/search?q=know',
    '/discussed/bob',
    '/discussed/dan',
    '/popular',
    '/front',
    '/summary',
  ],
  ...['/articles/slug-1/comments', '/articles/slug-3/comments', '/articles/slug-6/comments'],
  ...['/articles/slug-1/revisions', '/articles/slug-3/revisions', '/articles/slug-6/revisions'],
  ...['/people/ada/followers', '/people/bob/followers', '/bylines?names=ada,bob,eva', '/readers'],
  ...['/tags', '/tags/tea/related', '/tags/rain/related', '/digests/tea', '/digests/maps'],
  ...['/series', '/series?of=finished', '/series?of=empty', '/series/1', '/series/2'],
  ...['/statistics', '/ranking'],
]
const OWN = ['/feed', '/me/favourites', '/me/desk']
const AS_SEEN = [
  ...['/articles/slug-1', '/articles/slug-2', '/articles/slug-3', '/articles/slug-6'],
  ...['/people/ada', '/people/bob', '/people/dan'],
]

/** All reads there are, with what there is. */
export const READS_OF_ALL: readonly Reader[] = [
  ...SHARED.map((path) => ({ by: 0, path })),
  ...[1, 2, 4].flatMap((by) => OWN.map((path) => ({ by, path }))),
  ...[0, 1, 4].flatMap((by) => AS_SEEN.map((path) => ({ by, path }))),
]
