import { PassThrough } from 'node:stream'
import { expect } from 'chai'
import {
  counted,
  formatBytes,
  formatCount,
  formatDuration,
  formatMs,
  formatRate,
  formatShare,
} from '#src/cli/format.js'
import { printable, printableLines } from '#src/cli/printable.js'
import { tableLines } from '#src/cli/table.js'
import { Terminal } from '#src/cli/terminal.js'
import { nearest } from '#src/tools/nearest.js'

describe('figures for people', () => {
  it('are as long as a person needs', () => {
    expect([0, 75, 999, 1_000, 1_250, 64_000_000, 999_600].map(formatBytes)).to.deep.equal([
      ...['0 B', '75 B', '999 B', '1.0 kB', '1.3 kB', '64 MB', '1.0 MB'],
    ])
    expect([0, 350, 999, 1_000, 59_600, 598_000, 3_600_000, 90_061_000].map(formatDuration)).to.deep.equal([
      ...['0ms', '350ms', '999ms', '1s', '1m', '9m 58s', '1h', '1d 1h'],
    ])
    expect([null, 0.42, 12.3, 1_250].map(formatMs)).to.deep.equal(['–', '0.4', '12', '1,250'])
    expect([0, 0.4, 12.3, 1_250].map(formatRate)).to.deep.equal(['0', '0.4', '12', '1,250'])
    expect([0, 999, 1_000, 1_234_567].map(formatCount)).to.deep.equal(['0', '999', '1,000', '1,234,567'])
    expect([1, 2].map((count) => counted(count, 'entry', 'entries'))).to.deep.equal(['1 entry', '2 entries'])
  })

  it('call no share all or nothing that is not quite that', () => {
    const shares = [
      [0, 0],
      [0, 5],
      [5, 5],
      [3, 4],
      [99_999, 100_000],
      [1, 100_000],
    ].map(([part = 0, whole = 0]) => formatShare(part, whole))
    expect(shares).to.deep.equal(['–', '0.0%', '100.0%', '75.0%', '99.9%', '0.1%'])
  })
})

describe('nearest', () => {
  it('finds what was meant, and nothing where that is far', () => {
    const known = ['stats', 'keys', 'get', 'explain', 'evict']
    expect(['stat', 'kesy', 'explian', 'Evict', 'gt'].map((word) => nearest(word, known))).to.deep.equal([
      ...['stats', 'keys', 'explain', 'evict', 'get'],
    ])
    expect(['purge', 'x', 'set-all'].map((word) => nearest(word, known))).to.deep.equal([
      ...[undefined, undefined, undefined],
    ])
  })
})

describe('printable', () => {
  it('leaves a terminal as it is, whatever lies in Redis', () => {
    expect(printable('a\u001b[2Jb\nc\u202ed\u009be é 鍵')).to.equal(
      'a\\u001b[2Jb\\u000ac\\u202ed\\u009be é 鍵',
    )
    expect(printableLines('a\n\tb\u001b')).to.equal('a\n\tb\\u001b')
  })
})

describe('tableLines', () => {
  const columns = [
    { title: 'KEY', shrinks: true },
    { title: 'SIZE', align: 'right' },
    { title: 'TAGS', shrinks: true },
  ] as const
  const rows = [
    ['customers:list:1:10:all', '75 B', 'author:7 table:customers'],
    ['me', '1.2 kB', ''],
  ]

  it('lines columns up, numbers to the right, styles without a width', () => {
    expect(
      tableLines(columns, [
        ['\u001b[1mme\u001b[22m', '75 B', 'x'],
        ['customer:1', '1.2 kB', ''],
      ]),
    ).to.deep.equal([
      'KEY           SIZE  TAGS',
      '\u001b[1mme\u001b[22m            75 B  x',
      'customer:1  1.2 kB',
    ])
  })

  it('cuts what may be cut until the rest fits, and never a number', () => {
    const lines = tableLines(columns, rows, 40)
    expect(Math.max(...lines.map((line) => line.length))).to.be.at.most(40)
    expect(lines[1]).to.match(/^customers:lis\S*…\s+75 B {2}author:7 \S*…$/)
    expect(tableLines(columns, rows, 5)[2]).to.include('1.2 kB')
  })

  it('leaves out what may be, the widest first, before names become too short to be read', () => {
    const wide = [
      { title: 'RULE', shrinks: true },
      { title: 'KEY', shrinks: true, isOptional: true },
      { title: 'TTL', isOptional: true },
      { title: 'HITS' },
    ] as const
    const row = ['GET /customers/:id/orders', 'customer:{id}:orders', '10m', '75.0%']
    expect(tableLines(wide, [row], 80)[1]).to.equal(row.join('  '))
    expect(tableLines(wide, [row], 40)[1]).to.equal('GET /customers/:id/orders  10m  75.0%')
    expect(tableLines(wide, [row], 31)[1]).to.equal('GET /customers/:id/orde…  75.0%')
  })
})

describe('Terminal', () => {
  function terminalOn(settings: { readonly isTTY: boolean; readonly hasColors: boolean }) {
    const output = Object.assign(new PassThrough(), {
      isTTY: settings.isTTY,
      hasColors: () => settings.hasColors,
    })
    const errors = Object.assign(new PassThrough(), { isTTY: settings.isTTY, columns: 20 })
    const terminal = new Terminal({ input: new PassThrough(), output, errors })
    const shown = () => [output, errors].map((stream) => String(stream.read() ?? ''))
    return { terminal, output, shown }
  }

  it('sends colours and progress to terminals alone', () => {
    const pipe = terminalOn({ isTTY: false, hasColors: true })
    pipe.terminal.progress('Looking …')
    pipe.terminal.print(pipe.terminal.styled('red', 'result'))
    expect(pipe.shown()).to.deep.equal(['result\n', ''])
    const plain = terminalOn({ isTTY: true, hasColors: false })
    plain.terminal.print(plain.terminal.styled('red', 'result'))
    expect(plain.shown()).to.deep.equal(['result\n', ''])
    const coloured = terminalOn({ isTTY: true, hasColors: true })
    coloured.terminal.progress('Looking at what takes long …')
    coloured.terminal.print(coloured.terminal.styled('red', 'result'))
    expect(coloured.shown()).to.deep.equal([
      '\u001b[31mresult\u001b[39m\n',
      '\r\u001b[2KLooking at what tak\r\u001b[2K',
    ])
  })

  it('keeps results apart from what else the process prints', () => {
    const { terminal, output, shown } = terminalOn({ isTTY: false, hasColors: false })
    terminal.takeOver()
    output.write('listening\n')
    terminal.printJson({ findings: [] })
    expect(shown()).to.deep.equal(['{"findings":[]}\n', 'listening\n'])
  })

  it('puts back what commands have taken, the last first', async () => {
    const { terminal } = terminalOn({ isTTY: false, hasColors: false })
    const ended: number[] = []
    terminal.atEnd(() => void ended.push(1))
    terminal.atEnd(() => void ended.push(2))
    await terminal.end()
    await terminal.end()
    expect(ended).to.deep.equal([2, 1])
  })
})
