import { useState } from 'preact/hooks'
import { clock } from '../format.js'
import { useLive } from '../live/use-live.js'
import { linkTo, PAGES, type PageId } from '../route.js'
import { applyTheme, readTheme, THEMES } from '../theme.js'

export function TopBar({
  page,
  title,
  onSkip,
}: {
  readonly page: PageId
  readonly title: string
  readonly onSkip: () => void
}) {
  return (
    <header class="top">
      <a
        class="skip"
        href={linkTo(page)}
        onClick={(event) => {
          // What is behind the # says which page it is.
          event.preventDefault()
          onSkip()
        }}
      >
        Skip to {title}
      </a>
      <div class="top-inner">
        <p class="brand">
          <img src="icon.svg" alt="" width="20" height="20" />
          <span>express-cacheable</span>
        </p>
        <nav aria-label="Pages">
          <ul>
            {PAGES.map(({ id, title }) => (
              <li key={id}>
                <a href={linkTo(id)} aria-current={id === page ? 'page' : undefined}>
                  {title}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <div class="top-end">
          <Connection />
          <ThemeSwitch />
        </div>
      </div>
    </header>
  )
}

function Connection() {
  const { connection, overview } = useLive()
  const words = { live: 'live', connecting: 'connecting', lost: 'lost' }[connection]
  return (
    <span class={`connection connection-${connection}`}>
      <i aria-hidden="true" />
      {words}
      {overview && <span class="connection-time"> {clock(overview.at)}</span>}
    </span>
  )
}

function ThemeSwitch() {
  const [theme, setTheme] = useState(readTheme)
  return (
    <select
      class="theme"
      aria-label="Colours"
      value={theme}
      onChange={({ currentTarget }) => {
        const chosen = THEMES.find((one) => one === currentTarget.value) ?? 'system'
        applyTheme(chosen)
        setTheme(chosen)
      }}
    >
      <option value="system">Auto</option>
      <option value="light">Light</option>
      <option value="dark">Dark</option>
    </select>
  )
}
