import { show } from '../figures.js'
import type { Bar, BarChart } from './chart.js'
import { frameOf, GRID, HEAD, INK, PALE_INK, WIDTH } from './frame.js'

const GROUP_HEAD = 30
const BAR = 24
const OURS = '#0969da'
const OTHERS = '#8c959f'
/** Of the 880 of the picture, for the names. */
const MOST_NAMES = 400
/** That a letter takes, about. */
const LETTER = 6.6

/** From which value on there are how many. */
const DECIMALS = [
  [100, 0],
  [10, 1],
  [0.1, 2],
] as const

/** One block of bars below the other, on one scale; ours stand out. */
export function barOption(chart: BarChart, footer: string) {
  const { groups, title, unit } = chart
  const bars = groups.flatMap(({ bars }) => bars)
  // All may be nothing, and a scale has to end somewhere.
  const most = Math.max(...bars.map(({ value, high = value }) => Math.max(value, high))) || 1
  const areWhole = bars.every(({ value }) => Number.isInteger(value))
  const isOurs = ({ name }: Bar) => name.startsWith('express-cacheable')
  const names = Math.min(MOST_NAMES, Math.max(...bars.map(({ name }) => name.length)) * LETTER)
  const left = names + 32
  const right = Math.max(...bars.map((bar) => figureOf(bar, unit, areWhole).length)) * LETTER + 20
  let top = HEAD
  const blocks = groups.map((group, index) => {
    const start = top
    top += GROUP_HEAD + group.bars.length * BAR
    return {
      heading: {
        text: group.name,
        left: 16,
        top: start + 4,
        textStyle: { fontSize: 13, color: INK },
      },
      grid: { left, right, top: start + GROUP_HEAD, height: group.bars.length * BAR },
      xAxis: { gridIndex: index, type: 'value', min: 0, max: most, show: false },
      yAxis: {
        gridIndex: index,
        type: 'category',
        inverse: true,
        data: group.bars.map(({ name }) => name),
        axisTick: { show: false },
        axisLine: { lineStyle: { color: GRID } },
        axisLabel: { color: INK, fontSize: 12, interval: 0, width: names, overflow: 'truncate' },
      },
      series: [
        {
          type: 'bar',
          silent: true,
          xAxisIndex: index,
          yAxisIndex: index,
          barWidth: 15,
          data: group.bars.map((bar) => ({
            value: bar.value,
            itemStyle: { color: isOurs(bar) ? OURS : OTHERS },
            label: {
              show: true,
              color: INK,
              position: 'right',
              // Beyond the whisker.
              distance: 6 + (((bar.high ?? bar.value) - bar.value) / most) * (WIDTH - left - right),
              formatter: figureOf(bar, unit, areWhole),
            },
          })),
        },
        whiskers(group.bars, index),
      ],
    }
  })
  const frame = frameOf(title, footer)
  return {
    height: top + frame.foot,
    option: {
      ...frame.option,
      title: [...frame.option.title, ...blocks.map(({ heading }) => heading)],
      grid: blocks.map(({ grid }) => grid),
      xAxis: blocks.map(({ xAxis }) => xAxis),
      yAxis: blocks.map(({ yAxis }) => yAxis),
      series: blocks.flatMap(({ series }) => series),
    },
  }
}

function figureOf({ value, low, high }: Bar, unit: string, isWhole: boolean): string {
  const decimals = isWhole ? 0 : (DECIMALS.find(([least]) => value >= least)?.[1] ?? 3)
  const range =
    low === undefined || high === undefined ? '' : ` (${show(low, decimals)}–${show(high, decimals)})`
  return `${show(value, decimals)}${range} ${unit}`.trim()
}

/** What a custom series of ECharts is given to draw with. */
interface Drawing {
  value(dimension: number): number
  coord(point: readonly [number, number]): [x: number, y: number]
}

/** From the lowest round to the highest. */
function whiskers(bars: readonly Bar[], index: number) {
  return {
    type: 'custom',
    silent: true,
    xAxisIndex: index,
    yAxisIndex: index,
    encode: { x: [1, 2], y: 0 },
    data: bars.flatMap(({ low, high }, row) =>
      low === undefined || high === undefined ? [] : [[row, low, high]],
    ),
    renderItem(_params: unknown, api: Drawing) {
      const [from, y] = api.coord([api.value(1), api.value(0)])
      const [to] = api.coord([api.value(2), api.value(0)])
      const line = (x1: number, y1: number, x2: number, y2: number) => {
        return { type: 'line', shape: { x1, y1, x2, y2 }, style: { stroke: PALE_INK, lineWidth: 1 } }
      }
      return {
        type: 'group',
        children: [line(from, y, to, y), line(from, y - 4, from, y + 4), line(to, y - 4, to, y + 4)],
      }
    },
  }
}
