import { useEffect, useRef } from 'preact/hooks'
import { ConnectionNote } from './parts/connection-note.js'
import { TopBar } from './parts/top-bar.js'
import { PAGES, type Route, useRoute } from './route.js'
import { Events } from './views/events.js'
import { Keys } from './views/keys.js'
import { MapView } from './views/map.js'
import { Now } from './views/now.js'
import { Rules } from './views/rules.js'
import { Why } from './views/why.js'

export function App() {
  const route = useRoute()
  const main = useRef<HTMLElement>(null)
  const title = PAGES.find(({ id }) => id === route.page)?.title ?? ''
  usePageTurns(route, title, main)
  return (
    <>
      <TopBar page={route.page} title={title} onSkip={() => main.current?.focus()} />
      <main ref={main} tabIndex={-1} class={`page page-${route.page}`}>
        <div>
          <h1>{title}</h1>
          <ConnectionNote />
        </div>
        <Page route={route} />
      </main>
    </>
  )
}

function Page({ route: { page, params } }: { readonly route: Route }) {
  switch (page) {
    case 'now':
      return <Now />
    case 'rules':
      return <Rules params={params} />
    case 'map':
      return <MapView params={params} />
    case 'keys':
      return <Keys params={params} />
    case 'events':
      return <Events params={params} />
    case 'why':
      return <Why params={params} />
  }
}

/** Who follows a link hears the page's title, goes on from its top, and finds it in the history by its name. */
function usePageTurns(route: Route, title: string, main: { readonly current: HTMLElement | null }): void {
  const shown = useRef(route.page)
  useEffect(() => {
    document.title = `${title} · cache`
    if (shown.current === route.page) return
    shown.current = route.page
    main.current?.focus({ preventScroll: true })
    scrollTo(0, 0)
  }, [route.page, title, main])
}
