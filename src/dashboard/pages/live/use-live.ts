import { createContext } from 'preact'
import { useContext, useEffect, useState } from 'preact/hooks'
import type { Live, LiveFeed } from './live-feed.js'

export const FeedContext = createContext<LiveFeed | null>(null)

/** What the server has told up to now, drawn anew when it tells more. */
export function useLive(): Live {
  const feed = useContext(FeedContext)
  if (!feed) throw new Error('There is no feed above this component.')
  const [, draw] = useState(feed.state)
  useEffect(() => {
    draw(feed.state)
    return feed.subscribe(() => draw(feed.state))
  }, [feed])
  return feed.state
}
