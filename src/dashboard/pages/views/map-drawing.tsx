import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { Scroller } from '../parts/scroller.js'
import { linkedWith, type MapGraph, type NodeKind } from './map-graph.js'
import { BOX_HEIGHT, layOut, type PlacedNode } from './map-layout.js'

const TITLES: Readonly<Record<NodeKind, string>> = { write: 'Writes', table: 'Tables', read: 'Reads' }

interface MapDrawingProps {
  readonly graph: MapGraph
  /** The box that is looked at: what it is linked with stands out. */
  readonly lit: string | null
  readonly chosen: string | null
  readonly onPoint: (id: string | null) => void
  readonly onChoose: (id: string | null) => void
}

export function MapDrawing({ graph, lit, chosen, onPoint, onChoose }: MapDrawingProps) {
  const room = useRef<HTMLDivElement>(null)
  const width = useWidth(room)
  const layout = useMemo(() => layOut(graph, width), [graph, width])
  const near = lit === null ? null : linkedWith(lit, graph)
  useEffect(() => {
    if (width > 0) room.current?.querySelector('.box-chosen')?.scrollIntoView({ block: 'nearest' })
  }, [chosen, width])
  const isNear = (id: string) => near === null || near.has(id)
  return (
    <div ref={room} class="map-room">
      <Scroller label="Map">
        {/* biome-ignore-start lint/a11y/noSvgWithoutTitle: a title would pop up over every box. */}
        {/* biome-ignore-start lint/a11y/useSemanticElements: SVG has no fieldset. */}
        <svg
          class="map"
          role="group"
          aria-label="Writes to the left, reads to the right; the table below says the same"
          width={layout.width}
          height={layout.height}
          viewBox={`0 0 ${layout.width} ${layout.height}`}
        >
          {layout.columns.map(({ kind, x, width: columnWidth }) => (
            <text key={kind} class="map-head" x={x + columnWidth / 2} y={14} text-anchor="middle">
              {TITLES[kind]}
            </text>
          ))}
          <g>
            {layout.links.map(({ id, from, to, by, path }) => (
              <path
                key={id}
                d={path}
                class={`link ${by.length > 0 ? '' : 'link-faint'} ${near === null ? '' : isNear(from) && isNear(to) ? 'link-lit' : 'dim'}`}
              />
            ))}
          </g>
          {layout.nodes.map((node) => (
            <Box
              key={node.id}
              node={node}
              isDim={!isNear(node.id)}
              isChosen={node.id === chosen}
              label={spoken(node, graph)}
              onPoint={onPoint}
              onChoose={onChoose}
            />
          ))}
        </svg>
        {/* biome-ignore-end lint/a11y/useSemanticElements: up to here. */}
        {/* biome-ignore-end lint/a11y/noSvgWithoutTitle: up to here. */}
      </Scroller>
    </div>
  )
}

function Box({
  node,
  isDim,
  isChosen,
  label,
  onPoint,
  onChoose,
}: {
  readonly node: PlacedNode
  readonly isDim: boolean
  readonly isChosen: boolean
  readonly label: string
  readonly onPoint: (id: string | null) => void
  readonly onChoose: (id: string | null) => void
}) {
  const { id, kind, x, y, width, flag } = node
  return (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no button.
    <g
      class={`box box-${kind} ${flag ? 'box-flagged' : ''} ${isDim ? 'dim' : ''} ${isChosen ? 'box-chosen' : ''}`}
      role="button"
      tabIndex={0}
      aria-pressed={isChosen}
      transform={`translate(${x},${y})`}
      onMouseEnter={() => onPoint(id)}
      onMouseLeave={() => onPoint(null)}
      onFocus={() => onPoint(id)}
      onBlur={() => onPoint(null)}
      onClick={() => onChoose(id)}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return
        event.preventDefault()
        onChoose(id)
      }}
    >
      <title>{label}</title>
      <rect width={width} height={BOX_HEIGHT} rx="5" />
      <text x="10" y={BOX_HEIGHT / 2} dominant-baseline="central">
        {node.label}
      </text>
      {flag && (
        <text
          class="box-mark"
          x={width - 10}
          y={BOX_HEIGHT / 2}
          dominant-baseline="central"
          text-anchor="middle"
        >
          !
        </text>
      )}
    </g>
  )
}

function spoken({ id, kind, name, flag }: PlacedNode, graph: MapGraph): string {
  const others = linkedWith(id, graph).size - 1
  return `${kind} ${name}, linked with ${others}${flag ? `, ${flag}` : ''}`
}

function useWidth(room: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const element = room.current
    if (!element) return
    const measure = () => setWidth(Math.floor(element.clientWidth))
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [room])
  return width
}
