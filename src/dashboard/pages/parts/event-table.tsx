import type { DashboardEvent } from '../../dashboard-api.js'
import { clock, latency } from '../format.js'
import { eventId } from '../live/event-log.js'
import { colourOf } from './event-kinds.js'
import { KeyLink } from './key-link.js'
import { Scroller } from './scroller.js'

export function EventTable({
  caption,
  events,
  isOneKey = false,
}: {
  readonly caption: string
  readonly events: readonly DashboardEvent[]
  /** All of one key, which the page names already. */
  readonly isOneKey?: boolean
}) {
  return (
    <Scroller label={caption}>
      <table class="events">
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Type</th>
            <th scope="col">What happened</th>
            <th scope="col" class="wide-only">
              Who
            </th>
            <th scope="col" class="number wide-only">
              Took
            </th>
            <th scope="col" class="wide-only">
              Process
            </th>
          </tr>
        </thead>
        <tbody>
          {events.map((event) => (
            <tr key={eventId(event)}>
              <td class="time">
                {clock(event.at)}
                <span class="wide-only">{millisOf(event.at)}</span>
              </td>
              <td>
                <span class={`type ${colourOf(event.type)}`}>{event.type}</span>
              </td>
              <td class="happened">
                <Happened event={event} isOneKey={isOneKey} />
                <span class="narrow-only muted">
                  {event.who} in {event.process}
                </span>
              </td>
              <td class="wide-only">{event.who}</td>
              <td class="number wide-only">{event.ms === undefined ? '' : latency(event.ms)}</td>
              <td class="wide-only">{event.process}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  )
}

/** The words of an event; its key leads to what is known of it. */
function Happened({
  event: { text, key },
  isOneKey,
}: {
  readonly event: DashboardEvent
  readonly isOneKey: boolean
}) {
  if (key === null || isOneKey) return <>{text}</>
  const at = text.indexOf(key)
  return (
    <>
      {at < 0 ? `${text} ` : text.slice(0, at)}
      <KeyLink value={key} />
      {at < 0 ? '' : text.slice(at + key.length)}
    </>
  )
}

function millisOf(at: number): string {
  return `.${String(Math.floor(at) % 1000).padStart(3, '0')}`
}
