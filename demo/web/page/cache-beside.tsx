import { useEffect, useState } from 'preact/hooks'
import { enterAdmin } from './admin-session.js'
import { useCrm, useWords } from './crm.js'

/** There is room for both beside each other. */
const WIDE = '(min-width: 1400px)'

/** Whether the dashboard of the cache may be shown: to the admin, once the browser has its cookie. */
export function useDashboard(): boolean {
  const { api, user } = useCrm()
  const [isLetIn, setIsLetIn] = useState(false)
  useEffect(() => {
    if (user.role !== 'admin') return
    // Whoever is not let in sees no door.
    enterAdmin(api).then(
      () => setIsLetIn(true),
      () => {},
    )
  }, [api, user.role])
  return isLetIn
}

/** The way to it on every screen; to others it says who may see it. */
export function DashboardLink({ dashboard, isLetIn }: { dashboard: string; isLetIn: boolean }) {
  const { say } = useWords()
  const { user } = useCrm()
  if (user.role !== 'admin') return <p class="quiet">{say('admin.only')}</p>
  if (!isLetIn) return null
  return (
    <p>
      <a href={dashboard} target="_blank" rel="noopener">
        {say('admin.open')}
      </a>
    </p>
  )
}

/** On wide screens it stands beside the panels, and shows what happens right now. */
export function CacheBeside({ dashboard }: { dashboard: string }) {
  const { say } = useWords()
  const isWide = useIsWide()
  const [isShown, setIsShown] = useState(true)
  if (!isWide) return null
  return (
    <aside class={isShown ? 'cache' : 'no-cache'} aria-label={say('admin.title')}>
      <p>
        <button type="button" class="small" onClick={() => setIsShown(!isShown)}>
          {say(isShown ? 'admin.hide' : 'admin.show')}
        </button>
      </p>
      {isShown && <iframe src={`${dashboard}#/events`} title={say('admin.title')} />}
    </aside>
  )
}

function useIsWide(): boolean {
  const [isWide, setIsWide] = useState(() => matchMedia(WIDE).matches)
  useEffect(() => {
    const query = matchMedia(WIDE)
    const look = () => setIsWide(query.matches)
    query.addEventListener('change', look)
    return () => query.removeEventListener('change', look)
  }, [])
  return isWide
}
