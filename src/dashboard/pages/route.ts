import { useEffect, useState } from 'preact/hooks'

export const PAGES = [
  { id: 'now', title: 'Now' },
  { id: 'rules', title: 'Rules' },
  { id: 'map', title: 'Map' },
  { id: 'keys', title: 'Keys' },
  { id: 'events', title: 'Events' },
  { id: 'why', title: 'Why?' },
] as const

export type PageId = (typeof PAGES)[number]['id']

export interface Route {
  readonly page: PageId
  readonly params: URLSearchParams
}

type Params = Readonly<Record<string, string>>

/** Where a page is. It is behind the `#`, so that the server has one page to serve, wherever that is mounted. */
export function linkTo(page: PageId, params: Params = {}): string {
  const given = Object.entries(params).filter(([, value]) => value !== '')
  const query = new URLSearchParams(given).toString()
  return `#/${page}${query && `?${query}`}`
}

function readRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s)
  const page = PAGES.find(({ id }) => id === path)?.id ?? 'now'
  return { page, params: new URLSearchParams(query) }
}

export function goTo(page: PageId, params: Params = {}): void {
  location.hash = linkTo(page, params)
}

/** The same page with other parameters; the way back leads past it. */
export function replaceParams(page: PageId, params: Params): void {
  location.replace(linkTo(page, params))
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => readRoute(location.hash))
  useEffect(() => {
    const follow = () => setRoute(readRoute(location.hash))
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  return route
}
