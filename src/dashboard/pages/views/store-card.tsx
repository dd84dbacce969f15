import type { Overview } from '../../dashboard-api.js'
import { bytes, count, latency, NOTHING } from '../format.js'
import { Share } from '../parts/share.js'
import { State } from '../parts/state.js'

export function StoreCard({ overview }: { readonly overview: Overview }) {
  const { store, redis, settings } = overview
  return (
    <section aria-labelledby="store" class="panel">
      <h2 id="store">Store</h2>
      <dl class="facts">
        <div>
          <dt>Kind</dt>
          <dd>{store.kind === 'redis' ? `Redis ${redis?.version ?? ''}` : "this process's memory"}</dd>
        </div>
        <div>
          <dt>State</dt>
          <dd>
            <State kind={store.available ? 'good' : 'bad'}>
              {store.available ? 'answers' : 'does not answer'}
            </State>
          </dd>
        </div>
        <div>
          <dt>Circuit</dt>
          <dd>
            <State kind={store.circuit === 'closed' ? 'good' : store.circuit === 'open' ? 'bad' : 'warn'}>
              {store.circuit}
            </State>
          </dd>
        </div>
        <div>
          <dt>Owed evictions</dt>
          <dd>{count(store.owedEvictions)}</dd>
        </div>
        <div>
          <dt>Key prefix</dt>
          <dd>
            <code>{settings.keyPrefix || NOTHING}</code>
          </dd>
        </div>
        {redis && <RedisFacts redis={redis} />}
      </dl>
    </section>
  )
}

function RedisFacts({ redis }: { readonly redis: NonNullable<Overview['redis']> }) {
  const { usedMemoryBytes, maxMemoryBytes, maxMemoryPolicy, connections, roundTripMs } = redis
  return (
    <>
      <div>
        <dt>Round trip</dt>
        <dd>{latency(roundTripMs)}</dd>
      </div>
      <div>
        <dt>Memory</dt>
        <dd>
          {bytes(usedMemoryBytes)}
          {maxMemoryBytes === 0 && <span class="muted"> without a limit</span>}
          {!!maxMemoryBytes && (
            <>
              <span class="muted"> of {bytes(maxMemoryBytes)}</span>{' '}
              <Share part={usedMemoryBytes ?? 0} whole={maxMemoryBytes} />
            </>
          )}
        </dd>
      </div>
      <div>
        <dt>When memory is full</dt>
        <dd>{maxMemoryPolicy ?? NOTHING}</dd>
      </div>
      <div>
        <dt>Connections</dt>
        <dd>{connections === null ? NOTHING : count(connections)}</dd>
      </div>
    </>
  )
}
