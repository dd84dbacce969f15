import { ownPackages } from '../own-packages.js'
import { barOption } from './bar-option.js'
import type { Chart } from './chart.js'
import { WIDTH } from './frame.js'
import { lineOption } from './line-option.js'

/** What we use of ECharts; it is installed where something is drawn, and so its types are not here. */
interface ECharts {
  init(
    element: null,
    theme: null,
    options: { renderer: 'svg'; ssr: true; width: number; height: number },
  ): {
    setOption(option: object): void
    renderToSVGString(): string
    dispose(): void
  }
}

const library = ownPackages('pictures/library', 'the library that draws pictures')

/**
 * An SVG, the same for the same chart.
 *
 * @param footer - Where the figures are from.
 * @throws {Error} When a figure is none.
 */
export async function draw(chart: Chart, footer: string): Promise<string> {
  checkFigures(chart)
  await library.install()
  const { default: echarts } = await library.load<{ default: ECharts }>('echarts')
  const { option, height } = chart.kind === 'bars' ? barOption(chart, footer) : lineOption(chart, footer)
  const instance = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height })
  instance.setOption(option)
  const svg = instance.renderToSVGString()
  instance.dispose()
  return `${withTitle(withoutBehaviour(svg), chart.title)}\n`
}

/** Drops what a pointer would find: an image has none, and ECharts counts the classes of a whole process. */
function withoutBehaviour(svg: string): string {
  return svg
    .replace(/<style\b.*<\/style>\s*/s, '')
    .replaceAll(/ (?:class|ecmeta_\w+|pointer-events)="[^"]*"/g, '')
    .replaceAll(/\bzr\d+-/g, 'zr-')
}

/** For who has it read out. */
function withTitle(svg: string, title: string): string {
  const escaped = title.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return svg.replace(
    '>',
    ` role="img" aria-label="${escaped.replaceAll('"', '&quot;')}">\n<title>${escaped}</title>`,
  )
}

function checkFigures(chart: Chart): void {
  const figures: (readonly [of: string, figures: readonly number[]])[] =
    chart.kind === 'bars'
      ? chart.groups.flatMap(({ bars }) => {
          return bars.map(({ name, value, low = value, high = value }) => [name, [low, value, high]] as const)
        })
      : chart.lines.map(({ name, points }) => [name, points.flat()] as const)
  if (figures.length === 0) throw new Error(`The picture '${chart.title}' has nothing to show.`)
  for (const [of, values] of figures) {
    if (!values.every(Number.isFinite))
      throw new Error(`The picture '${chart.title}' is to show ${values.join(', ')} for '${of}'.`)
  }
}
