import { clock } from '../format.js'
import { useLive } from '../live/use-live.js'

/** Says that what is shown is not what is, and again that it is. */
export function ConnectionNote() {
  const { connection, fault, overview } = useLive()
  return (
    <div role="status">
      {connection === 'lost' && (
        <div class="note note-warn">
          <p>
            <strong>Connection lost, trying again.</strong>
            {overview && ` What you see is of ${clock(overview.at)}.`}
          </p>
          {fault && (
            <p>
              {fault.message} {fault.mend}
            </p>
          )}
        </div>
      )}
    </div>
  )
}
