import type { MapGraph, MapLink, MapNode, NodeKind } from './map-graph.js'

export interface PlacedNode extends MapNode {
  readonly x: number
  readonly y: number
  readonly width: number
  /** The name, cut to what fits. */
  readonly label: string
}

interface PlacedLink extends MapLink {
  readonly path: string
}

export interface Layout {
  readonly width: number
  readonly height: number
  readonly columns: readonly { readonly kind: NodeKind; readonly x: number; readonly width: number }[]
  readonly nodes: readonly PlacedNode[]
  readonly links: readonly PlacedLink[]
}

export const BOX_HEIGHT = 26
const ROW = 34
const HEAD = 30
/** Of a letter in the font of the boxes, which has one width for all. */
const LETTER = 6.7
const PADDING = 20
const LEAST_WIDTH = 620

/** Writes to the left, reads to the right, tables between them, each column in the middle of the height. */
export function layOut({ nodes, links }: MapGraph, roomWidth: number): Layout {
  const width = Math.max(roomWidth, LEAST_WIDTH)
  const hasTables = nodes.some(({ kind }) => kind === 'table')
  const side = Math.min(300, Math.round(width * (hasTables ? 0.31 : 0.36)))
  const middle = Math.min(150, Math.round(width * 0.17))
  const columns = [
    { kind: 'write' as const, x: 1, width: side },
    ...(hasTables ? [{ kind: 'table' as const, x: Math.round((width - middle) / 2), width: middle }] : []),
    { kind: 'read' as const, x: width - side - 1, width: side },
  ]
  const most = Math.max(1, ...columns.map(({ kind }) => nodes.filter((node) => node.kind === kind).length))
  const placed = columns.flatMap((column) => {
    const own = nodes.filter(({ kind }) => kind === column.kind)
    const top = HEAD + ((most - own.length) * ROW) / 2
    return own.map(
      (node, nth): PlacedNode => ({
        ...node,
        x: column.x,
        y: top + nth * ROW,
        width: column.width,
        label: cut(node.name, (column.width - PADDING - (node.flag ? 14 : 0)) / LETTER),
      }),
    )
  })
  const byId = new Map(placed.map((node) => [node.id, node]))
  return {
    width,
    height: HEAD + most * ROW,
    columns,
    nodes: placed,
    links: links.flatMap((link) => {
      const [from, to] = [byId.get(link.from), byId.get(link.to)]
      return from && to ? [{ ...link, path: curve(from, to) }] : []
    }),
  }
}

function curve(from: PlacedNode, to: PlacedNode): string {
  const [x1, y1] = [from.x + from.width, from.y + BOX_HEIGHT / 2]
  const [x2, y2] = [to.x, to.y + BOX_HEIGHT / 2]
  const bend = (x2 - x1) / 2
  return `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`
}

/** Cut in the middle: paths differ at their ends. */
function cut(name: string, letters: number): string {
  const room = Math.floor(letters)
  if (name.length <= room) return name
  const end = Math.floor((room - 1) / 2)
  return `${name.slice(0, room - 1 - end)}…${name.slice(name.length - end)}`
}
