import { useWords } from '../crm.js'
import type { Note } from '../note.js'
import { type Asked, roundMs } from '../use-asked.js'

/** HIT or MISS, how long it took, and for how long the entry is good: of the last request of a panel. */
export function CacheNote({ what, asked }: { what: string; asked: Asked<unknown> }) {
  const { say } = useWords()
  const { note, isAsking } = asked
  return (
    <p class="note">
      {note ? <Outcome note={note} /> : <span class="ms">{isAsking ? say('cache.asking') : '–'}</span>}
      <button
        type="button"
        class="small"
        onClick={asked.again}
        aria-label={say('cache.again.what', { what })}
      >
        {say('cache.again')}
      </button>
    </p>
  )
}

function Outcome({ note: { outcome, ms, ttlSeconds, detail } }: { note: Note }) {
  const { say } = useWords()
  return (
    <>
      {ttlSeconds !== null && <span class="ttl">{say('cache.ttl', { seconds: ttlSeconds })}</span>}
      {detail !== null && (
        <span class="ttl" lang="en">
          {detail}
        </span>
      )}
      <span class="ms">{roundMs(ms)} ms</span>
      {outcome ? (
        <strong class={`outcome ${outcome}`} title={say(`cache.${outcome}`)}>
          {outcome}
        </strong>
      ) : (
        <span class="ttl">{say('cache.none')}</span>
      )}
    </>
  )
}
