import type { Fault } from '../api.js'

/** What went wrong, and what to do about it, spoken as it comes. */
export function FaultNote({ fault }: { readonly fault: Fault }) {
  return (
    <div class="note note-bad" role="alert">
      <p>
        <strong>{fault.message}</strong>
      </p>
      {fault.mend && <p>{fault.mend}</p>}
    </div>
  )
}
