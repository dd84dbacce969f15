import { useEffect, useState } from 'preact/hooks'
import { enterAdmin } from './admin-session.js'
import { useCrm, useWords } from './crm.js'

/** There is room for both beside each other. */
const WIDE = '(min-width: 1400px)'

/**
 * The dashboard of the cache: on wide screens in a frame that shows what happens right now, elsewhere by a link. For the
 * admin alone.
 */
export function CacheBeside({ dashboard }: { dashboard: string }) {
  const { say } = useWords()
  const { api, user } = useCrm()
  const isWide = useIsWide()
  const [isLetIn, setIsLetIn] = useState(false)
  const [isShown, setIsShown] = useState(true)
  const isAdmin = user.role === 'admin'

  useEffect(() => {
    if (!isAdmin) return
    // Whoever is not let in sees no door.
    enterAdmin(api).then(
      () => setIsLetIn(true),
      () => {},
    )
  }, [api, isAdmin])

  if (!isAdmin) return <p class="quiet cache-link">{say('admin.only')}</p>
  if (!isLetIn) return null
  return (
    <aside class={isWide && isShown ? 'cache' : 'cache-link'} aria-label={say('admin.title')}>
      <p>
        <a href={dashboard} target="_blank" rel="noopener">
          {say('admin.open')}
        </a>
        {isWide && (
          <button type="button" class="small" onClick={() => setIsShown(!isShown)}>
            {say(isShown ? 'admin.hide' : 'admin.show')}
          </button>
        )}
      </p>
      {isWide && isShown && <iframe src={`${dashboard}#/events`} title={say('admin.title')} />}
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
