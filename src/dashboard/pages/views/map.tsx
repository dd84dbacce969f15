import { useMemo, useState } from 'preact/hooks'
import type { MapAnswer } from '../../dashboard-api.js'
import { counted } from '../format.js'
import { Empty } from '../parts/empty.js'
import { FaultNote } from '../parts/fault-note.js'
import { linkTo, replaceParams } from '../route.js'
import { useAnswer } from '../use-answer.js'
import { MapDetails } from './map-details.js'
import { MapDrawing } from './map-drawing.js'
import { graphOf, type MapGraph } from './map-graph.js'
import { MapTable } from './map-table.js'

/** It changes when processes start and stop. */
const EVERY_MS = 10_000

export function MapView({ params }: { readonly params: URLSearchParams }) {
  const { body, fault } = useAnswer<MapAnswer>('api/map', EVERY_MS)
  return (
    <>
      <p class="lead">
        What each write removes of what each read stores. Choose a box to see what it is linked with.
      </p>
      {fault && <FaultNote fault={fault} />}
      {!body && !fault && <p class="waiting">Waiting for the map…</p>}
      {body && body.reads.length + body.writes.length === 0 && (
        <Empty title="There is nothing to draw yet.">
          The map shows rules for reading and writing: <code>@Cacheable</code>, <code>@CacheEvict</code>,{' '}
          <code>cache.cacheable</code>, <code>cache.evict</code>.
        </Empty>
      )}
      {body && body.reads.length + body.writes.length > 0 && <Whole map={body} asked={params.get('node')} />}
    </>
  )
}

function Whole({ map, asked }: { readonly map: MapAnswer; readonly asked: string | null }) {
  const graph = useMemo(() => graphOf(map), [map])
  const [pointed, setPointed] = useState<string | null>(null)
  const chosen = chosenOf(graph, asked)
  return (
    <>
      <Findings map={map} />
      <div class="panel">
        <MapDrawing
          graph={graph}
          lit={pointed ?? chosen}
          chosen={chosen}
          onPoint={setPointed}
          onChoose={(id) => replaceParams('map', id === null || id === chosen ? {} : { node: id })}
        />
        <div role="status">
          <MapDetails map={map} graph={graph} id={chosen} />
        </div>
      </div>
      <MapTable map={map} />
    </>
  )
}

/** Links from elsewhere name a rule and do not know what kind of box it is. */
function chosenOf({ nodes }: MapGraph, asked: string | null): string | null {
  return nodes.find(({ id, name }) => id === asked || name === asked)?.id ?? null
}

function Findings({ map }: { readonly map: MapAnswer }) {
  const { unevicted, idle } = map
  if (unevicted.length + idle.length === 0) return null
  return (
    <section class="notes" aria-label="What to look at">
      {unevicted.length > 0 && (
        <Finding
          title={`Nothing evicts ${counted(unevicted.length, 'read')}`}
          names={unevicted}
          mend="Until their TTL ends they answer what was. If a write changes them, let it evict their key; if none does, all is well."
        />
      )}
      {idle.length > 0 && (
        <Finding
          title={`${counted(idle.length, 'write evicts', 'writes evict')} nothing that a read stores`}
          names={idle}
          mend="Compare its patterns with the keys of the reads: a segment may be missing, or the read is in another process."
        />
      )}
    </section>
  )
}

function Finding({
  title,
  names,
  mend,
}: {
  readonly title: string
  readonly names: readonly string[]
  readonly mend: string
}) {
  return (
    <div class="note note-warn">
      <p>
        <strong>{title}:</strong>{' '}
        {names.map((name, nth) => (
          <span key={name}>
            {nth > 0 && ', '}
            <a href={linkTo('map', { node: name })}>{name}</a>
          </span>
        ))}
      </p>
      <p>{mend}</p>
    </div>
  )
}
