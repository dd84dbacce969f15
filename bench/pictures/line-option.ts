import { show } from '../figures.js'
import type { Axis, Line, LineChart } from './chart.js'
import { frameOf, GRID, HEAD, INK, WIDTH } from './frame.js'

const PLOT = 360
const AXIS_NAME = 22
/** Told apart without their colours too: by the mark, by the dashes, and by the name at their end. */
const LOOKS = [
  { color: '#0969da', symbol: 'circle', dashes: 'solid' },
  { color: '#bc4c00', symbol: 'rect', dashes: 'dashed' },
  { color: '#1a7f37', symbol: 'triangle', dashes: 'dotted' },
  { color: '#8250df', symbol: 'diamond', dashes: 'solid' },
  { color: '#cf222e', symbol: 'emptyCircle', dashes: 'dashed' },
  { color: '#59636e', symbol: 'emptyRect', dashes: 'dotted' },
  { color: '#9a6700', symbol: 'emptyTriangle', dashes: 'solid' },
  { color: '#bf3989', symbol: 'emptyDiamond', dashes: 'dashed' },
] as const
const LETTER = 6.6
const MOST_NAMES = 300

export function lineOption({ title, x, y, lines }: LineChart, footer: string) {
  const names = Math.min(MOST_NAMES, Math.max(...lines.map(({ name }) => name.length)) * LETTER)
  const frame = frameOf(title, footer)
  return {
    height: HEAD + AXIS_NAME + PLOT + AXIS_NAME * 2 + frame.foot,
    option: {
      ...frame.option,
      grid: { left: 76, right: names + 24, top: HEAD + AXIS_NAME, height: PLOT, width: WIDTH - 100 - names },
      xAxis: { ...axisOf(x), min: 'dataMin', max: 'dataMax', nameLocation: 'middle', nameGap: 32 },
      yAxis: {
        ...axisOf(y),
        nameLocation: 'end',
        nameTextStyle: { color: INK, align: 'left', padding: [0, 0, 0, -55] },
      },
      series: lines.map((line, index) => seriesOf(line, index, [x, y])),
    },
  }
}

function axisOf({ name, isLog = false }: Axis) {
  return {
    type: isLog ? 'log' : 'value',
    name,
    axisLabel: { color: INK, fontSize: 12, formatter: figureOf },
    nameTextStyle: { color: INK, fontSize: 12 },
    axisLine: { show: true, lineStyle: { color: GRID } },
    splitLine: { lineStyle: { color: GRID } },
  }
}

function seriesOf({ name, points }: Line, index: number, [x, y]: readonly [Axis, Axis]) {
  const { color, symbol, dashes } = LOOKS[index % LOOKS.length] as (typeof LOOKS)[number]
  return {
    type: 'line',
    name,
    silent: true,
    data: points.filter((point) => (!x.isLog || point[0] > 0) && (!y.isLog || point[1] > 0)),
    symbol,
    symbolSize: 8,
    itemStyle: { color },
    lineStyle: { color, width: 2, type: dashes },
    endLabel: { show: true, formatter: () => name, color, fontSize: 12, distance: 8 },
    labelLayout: { moveOverlap: 'shiftY' },
  }
}

function figureOf(value: number): string {
  return show(value, Number.isInteger(value) ? 0 : value < 1 ? 2 : 1)
}
