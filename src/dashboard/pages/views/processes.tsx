import type { Overview, ProcessSummary } from '../../dashboard-api.js'
import { clock, count, duration, percent } from '../format.js'
import { Scroller } from '../parts/scroller.js'
import { State } from '../parts/state.js'

export function Processes({ overview }: { readonly overview: Overview }) {
  const { processes, at } = overview
  const sorted = [...processes].sort(
    (one, other) => one.name.localeCompare(other.name) || one.startedAt - other.startedAt,
  )
  return (
    <section aria-labelledby="processes" class="panel processes">
      <h2 id="processes">
        Processes <span class="muted">{processes.length}</span>
      </h2>
      <Scroller label="Processes">
        <table>
          <caption class="hidden">Processes that share this cache</caption>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col" class="number">
                Requests
              </th>
              <th scope="col" class="number">
                Hit rate
              </th>
              <th scope="col" class="number">
                Evicted
              </th>
              <th scope="col">Store</th>
              <th scope="col" class="number">
                Runs for
              </th>
              <th scope="col">Host</th>
              <th scope="col" class="number">
                PID
              </th>
              <th scope="col">Node</th>
              <th scope="col">Version</th>
              <th scope="col">Last report</th>
            </tr>
          </thead>
          <tbody>
            {sorted.map((process) => (
              <ProcessRow key={process.id} process={process} now={at} />
            ))}
          </tbody>
        </table>
      </Scroller>
    </section>
  )
}

function ProcessRow({ process, now }: { readonly process: ProcessSummary; readonly now: number }) {
  const { totals, store } = process
  const answered = totals.hits + totals.misses
  return (
    <tr>
      <th scope="row">{process.name}</th>
      <td class="number">{count(answered + totals.bypasses)}</td>
      <td class="number">{percent(totals.hits, answered)}</td>
      <td class="number">{count(totals.evicted)}</td>
      <td>
        <State kind={store.available && store.circuit === 'closed' ? 'good' : 'bad'}>
          {store.available ? (store.circuit === 'closed' ? 'in touch' : `circuit ${store.circuit}`) : 'away'}
        </State>
      </td>
      <td class="number">{duration(now - process.startedAt)}</td>
      <td>{process.host}</td>
      <td class="number">{process.pid}</td>
      <td>{process.node.replace(/^v/, '')}</td>
      <td>{process.version}</td>
      <td>{clock(process.at)}</td>
    </tr>
  )
}
