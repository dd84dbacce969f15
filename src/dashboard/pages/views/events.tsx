import { useState } from 'preact/hooks'
import type { DashboardEvent } from '../../dashboard-api.js'
import { counted } from '../format.js'
import { useLive } from '../live/use-live.js'
import { Empty } from '../parts/empty.js'
import { EVENT_GROUPS, groupOf } from '../parts/event-kinds.js'
import { EventTable } from '../parts/event-table.js'
import { FindField } from '../parts/find-field.js'
import { replaceParams } from '../route.js'

/** A longer table is slow to draw four times a second, and nobody reads it. */
const SHOWN = 200

export function Events({ params }: { readonly params: URLSearchParams }) {
  const { events } = useLive()
  const [paused, setPaused] = useState<readonly DashboardEvent[] | null>(null)
  const [text, setText] = useState(params.get('text') ?? '')
  const hidden = new Set(params.get('hide')?.split(' ').filter(Boolean))
  const show = (next: ReadonlySet<string>, words: string) =>
    replaceParams('events', { hide: [...next].join(' '), text: words })

  const tail = paused ?? events
  const wanted = tail.filter((event) => !hidden.has(groupOf(event.type)) && says(event, text))
  const newest = wanted.slice(-SHOWN).reverse()
  const missed = paused === null ? 0 : events.filter(({ at }) => at > (paused.at(-1)?.at ?? 0)).length
  return (
    <>
      <div class="controls">
        <FindField
          text={text}
          placeholder="key, route, process or type"
          onText={(value) => {
            setText(value)
            show(hidden, value)
          }}
        />
        <fieldset class="chips">
          <legend class="hidden">Kinds of events</legend>
          {EVENT_GROUPS.map(({ id, title }) => (
            <button
              key={id}
              type="button"
              class="chip"
              aria-pressed={!hidden.has(id)}
              onClick={() => {
                const next = new Set(hidden)
                if (!next.delete(id)) next.add(id)
                show(next, text)
              }}
            >
              {title}
            </button>
          ))}
        </fieldset>
        <button type="button" class="main" onClick={() => setPaused(paused === null ? events : null)}>
          {paused === null ? 'Pause' : 'Go on'}
        </button>
        <p class="muted" role="status">
          {paused !== null && `${counted(missed, 'newer event')}`}
        </p>
      </div>
      {newest.length > 0 && <EventTable caption="What happened, the newest first" events={newest} />}
      {newest.length === 0 && <NoEvents isFiltered={tail.length > 0} />}
    </>
  )
}

function NoEvents({ isFiltered }: { readonly isFiltered: boolean }) {
  if (isFiltered)
    return <Empty title="Nothing that has happened fits.">Choose more kinds, or find something else.</Empty>
  return (
    <Empty title="Nothing has happened yet.">
      Send a request that a rule is for, and its miss and what it stored appear here; a write shows what it
      removed.
    </Empty>
  )
}

function says(event: DashboardEvent, text: string): boolean {
  if (text === '') return true
  const { type, who, key, process, targets = [] } = event
  return [type, who, key, process, event.text, ...targets]
    .join('\n')
    .toLowerCase()
    .includes(text.toLowerCase())
}
