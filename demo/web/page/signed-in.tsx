import { useCallback, useMemo, useState } from 'preact/hooks'
import { type AfterWrite, afterWrite, withAnswer } from './after-write.js'
import { Api } from './api.js'
import { CacheBeside, DashboardLink, useDashboard } from './cache-beside.js'
import { type Crm, CrmContext, useWords } from './crm.js'
import { HitRate } from './hit-rate.js'
import type { Note } from './note.js'
import { ApprovalsPanel } from './panels/approvals-panel.js'
import { CustomersPanel } from './panels/customers-panel.js'
import { FiguresPanel } from './panels/figures-panel.js'
import { MeetingsPanel } from './panels/meetings-panel.js'
import { NotificationsPanel } from './panels/notifications-panel.js'
import { ReportsPanel } from './panels/reports-panel.js'
import { TasksPanel } from './panels/tasks-panel.js'
import type { Session } from './session.js'
import type { Setup } from './setup.js'

interface SignedInProps {
  readonly session: Session
  readonly setup: Setup
  /** Called when the session is over. */
  readonly onEnd: () => void
}

/** What somebody sees who is signed in: all panels, and beside them the dashboard of the cache. */
export function SignedIn({ session: { token, user }, setup, onEnd }: SignedInProps) {
  // One for each token: with another one all panels ask anew.
  const api = useMemo(() => new Api(token, onEnd), [token])
  const [after, setAfter] = useState<AfterWrite>(() => afterWrite(0, ''))
  const [spoken, setSpoken] = useState('')
  const [answers, setAnswers] = useState(0)

  const wrote = useCallback((done: string) => setAfter(({ round }) => afterWrite(round + 1, done)), [])
  const answered = useCallback((what: string, note: Note, round: number) => {
    setAfter((before) => (before.round === round ? withAnswer(before, what, note) : before))
    setAnswers((count) => count + 1)
  }, [])
  const { round } = after
  const crm = useMemo<Crm>(
    () => ({ api, user, round, wrote, answered, announce: setSpoken }),
    [api, user, round, wrote, answered],
  )

  return (
    <CrmContext.Provider value={crm}>
      <Panels {...{ after, answers }} dashboard={setup.dashboard} />
      <p class="unseen" role="status" data-spoken>
        {spoken}
      </p>
    </CrmContext.Provider>
  )
}

interface PanelsProps {
  readonly after: AfterWrite
  readonly answers: number
  readonly dashboard: string
}

function Panels({ after, answers, dashboard }: PanelsProps) {
  const { say } = useWords()
  const isLetIn = useDashboard()
  return (
    <div class="beside">
      <main id="panels">
        <div class="intro">
          <p class="quiet">{say('page.api')}</p>
          <DashboardLink {...{ dashboard, isLetIn }} />
          <HitRate answers={answers} />
        </div>
        <WhatTheWriteDid after={after} />
        <div class="panels">
          <div class="column">
            <FiguresPanel />
            <TasksPanel />
            <MeetingsPanel />
          </div>
          <div class="column">
            <CustomersPanel />
            <ReportsPanel />
          </div>
          <div class="column">
            <ApprovalsPanel />
            <NotificationsPanel />
          </div>
        </div>
      </main>
      {isLetIn && <CacheBeside dashboard={dashboard} />}
    </div>
  )
}

/** After each write: which panels it has made a MISS, and which are still a HIT. */
function WhatTheWriteDid({ after: { round, done, misses, hits, others } }: { after: AfterWrite }) {
  const { say, language } = useWords()
  const lists = new Intl.ListFormat(language)
  // It is there from the beginning: only then do those who hear the page hear what changes in it.
  if (round === 0) return <p class="after" role="status" data-round={0} />
  return (
    <p class="after" role="status" data-round={round}>
      {say('cache.after', { done })}{' '}
      {misses.length > 0 && (
        <span class="MISS">{say('cache.after.misses', { list: lists.format(misses) })} </span>
      )}
      {hits.length > 0 && <span class="HIT">{say('cache.after.hits', { list: lists.format(hits) })} </span>}
      {others.length > 0 && <span>{say('cache.after.others', { list: lists.format(others) })}</span>}
    </p>
  )
}
