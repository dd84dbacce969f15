import type { EntryReport } from '../../../monitoring/reports.js'
import type { KeyAnswer } from '../../dashboard-api.js'
import { bytes, duration, NOTHING } from '../format.js'
import { useLive } from '../live/use-live.js'
import { Empty } from '../parts/empty.js'
import { EventTable } from '../parts/event-table.js'
import { FaultNote } from '../parts/fault-note.js'
import { useAnswer } from '../use-answer.js'
import { Removing } from './removing.js'
import { TagList } from './tag-list.js'

const EVERY_MS = 2000

/** One key: what lies under it, and its story. */
export function Entry({ name }: { readonly name: string }) {
  const { body, fault, ask } = useAnswer<KeyAnswer>(`api/key?${new URLSearchParams({ key: name })}`, EVERY_MS)
  return (
    <>
      <p class="back">
        <a href="#/keys">All keys</a>
      </p>
      <h2 class="key-title">
        <code>{name}</code>
      </h2>
      {fault && <FaultNote fault={fault} />}
      {!body && !fault && <p class="waiting">Waiting for the entry…</p>}
      {body && (
        <>
          {body.entry ? (
            <Facts entry={body.entry} />
          ) : (
            <Empty title="Nothing is stored under this key now.">
              The next request for it is a miss, and stores its answer. Its story, as far as the processes
              remember it, says what removed it.
            </Empty>
          )}
          {body.entry && <Value answer={body} />}
          <section aria-labelledby="story" class="panel">
            <h2 id="story">Story</h2>
            {body.story.length > 0 ? (
              <EventTable
                caption={`What happened to ${name}, the newest first`}
                events={[...body.story].reverse()}
                isOneKey
              />
            ) : (
              <Empty title="No process remembers anything of it.">
                Each remembers its last thousand events, and hits only while somebody looks.
              </Empty>
            )}
          </section>
          <Removing removal={{ kind: 'key', key: withoutVariant(name) }} onRemoved={ask} />
        </>
      )}
    </>
  )
}

function Facts({ entry }: { readonly entry: EntryReport }) {
  const { ageMs, remainingMs, isStale, tags } = entry
  return (
    <dl class="facts panel">
      <div>
        <dt>Size</dt>
        <dd>{bytes(entry.bytes)}</dd>
      </div>
      <div>
        <dt>Age</dt>
        <dd>{ageMs === null ? `${NOTHING} (no rule that is known stores it)` : duration(ageMs)}</dd>
      </div>
      <div>
        <dt>Gone in</dt>
        <dd>
          {duration(remainingMs)}
          {isStale && <span class="flag">stale: past its TTL, inside its grace</span>}
        </dd>
      </div>
      <div>
        <dt>Tags</dt>
        <dd>{tags.length > 0 ? <TagList tags={tags} /> : NOTHING}</dd>
      </div>
    </dl>
  )
}

function Value({ answer: { value, valueHidden } }: { readonly answer: KeyAnswer }) {
  const settings = useLive().overview?.settings
  return (
    <section aria-labelledby="value" class="panel">
      <h2 id="value">Value</h2>
      {value !== null && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what can be scrolled must be reached by the keyboard.
        <pre tabIndex={0}>{indented(value)}</pre>
      )}
      {value === null && valueHidden && (
        <p class="hint">
          Values are not shown{settings?.values === false ? ', for they may be personal' : ''}. Who may read
          them can switch them on: <code>cacheDashboard(cache, {'{ values: true }'})</code>.
        </p>
      )}
      {value === null && !valueHidden && <p class="hint">It is not text.</p>}
    </section>
  )
}

function indented(value: string): string {
  try {
    return JSON.stringify(JSON.parse(value), null, 2)
  } catch {
    return value
  }
}

/** A key goes with all variants of its answer (see `vary`), which stand behind a `#`. */
function withoutVariant(key: string): string {
  return key.split('#', 1)[0] ?? key
}
