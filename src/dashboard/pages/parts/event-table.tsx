import type { DashboardEvent } from '../../dashboard-api.js'
import { clock } from '../format.js'
import { eventId } from '../live/event-log.js'
import { colourOf } from './event-kinds.js'
import { KeyLink } from './key-link.js'
import { Scroller } from './scroller.js'

interface EventTableProps {
  readonly caption: string
  readonly events: readonly DashboardEvent[]
  /** All of one key, which the page names already. */
  readonly isOneKey?: boolean
}

export function EventTable({ caption, events, isOneKey = false }: EventTableProps) {
  return (
    <Scroller label={caption}>
      <table class="events">
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Type</th>
            {!isOneKey && (
              <th scope="col" class="wide-only">
                Key
              </th>
            )}
            <th scope="col">What happened</th>
            <th scope="col" class="wide-only">
              Who
            </th>
            <th scope="col" class="wide-only">
              Process
            </th>
          </tr>
        </thead>
        <tbody>
          {events.map((event) => (
            <Row key={eventId(event)} event={event} isOneKey={isOneKey} />
          ))}
        </tbody>
      </table>
    </Scroller>
  )
}

/** Where there is little room, all of it stands in one cell. */
function Row({ event, isOneKey }: { readonly event: DashboardEvent; readonly isOneKey: boolean }) {
  const { at, type, key, text, who, process } = event
  const link = key === null || isOneKey ? null : <KeyLink value={key} />
  return (
    <tr>
      <td class="time">
        {clock(at)}
        <span class="wide-only">{millisOf(at)}</span>
      </td>
      <td>
        <span class={`type ${colourOf(type)}`}>{type}</span>
      </td>
      {!isOneKey && <td class="event-key wide-only">{link}</td>}
      <td class="happened">
        {link && <span class="narrow-only">{link}</span>}
        {text}
        <span class="narrow-only muted">{who === null ? process : `${who} in ${process}`}</span>
      </td>
      <td class="wide-only">{who}</td>
      <td class="wide-only">{process}</td>
    </tr>
  )
}

function millisOf(at: number): string {
  return `.${String(Math.floor(at) % 1000).padStart(3, '0')}`
}
