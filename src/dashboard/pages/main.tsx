import { render } from 'preact'
import { App } from './app.js'
import { LiveFeed } from './live/live-feed.js'
import { FeedContext } from './live/use-live.js'
import { applyTheme, readTheme } from './theme.js'

applyTheme(readTheme())
const room = document.getElementById('app')
if (!room) throw new Error('index.html has no element with the id "app".')
render(
  <FeedContext.Provider value={new LiveFeed()}>
    <App />
  </FeedContext.Provider>,
  room,
)
