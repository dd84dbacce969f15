// Draws the README's picture from a result in bench/README.md: what the demo does with and without the cache, over
// PostgreSQL. With --check it writes nothing, and fails if the picture shows another result.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(fileURLToPath(import.meta.url), '../..')
const PICTURE = join(root, 'docs/pictures/with-and-without.svg')
const NAMES = { 'no cache': 'without', 'in-process store': 'in the process', Redis: 'over Redis' }
const PANELS = [
  { title: 'Database queries for 1,000 requests', column: 5, x: 24 },
  { title: 'Requests per second', column: 1, x: 404 },
]
const [WIDTH, HEIGHT, BAR, LABEL, ROOM] = [760, 232, 22, 104, 190]

const drawn = draw(readFileSync(join(root, 'bench/README.md'), 'utf8'))
if (!process.argv.includes('--check')) writeFileSync(PICTURE, drawn)
else if (readFileSync(PICTURE, 'utf8') !== drawn) {
  console.error('The picture is not of the result in bench/README.md: run node scripts/draw-picture.mjs')
  process.exitCode = 1
}

function draw(benches) {
  const result = benches.slice(
    benches.indexOf('### A result'),
    benches.indexOf('### What the figures do not say'),
  )
  const [, when, where] = /^(\S+), (.+?)\. Ten connections/m.exec(result)
  const rows = rowsBelow(result, 'With `DATABASE_URL`')
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${spoken(rows)}" font-family="system-ui, sans-serif" font-size="14">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" rx="8" fill="#fff" stroke="#d8dee4"/>`,
    ...PANELS.flatMap((panel) => panelOf(panel, rows)),
    text(
      24,
      190,
      '#57606a',
      'The demo CRM over PostgreSQL, ten connections that read, on two cores with all else.',
      'font-size="12"',
    ),
    text(24, 210, '#57606a', `${when}, ${where}. Ratios are of this run: bench/README.md`, 'font-size="12"'),
    '</svg>',
  ].join('\n')}\n`
}

function panelOf({ title, column, x }, rows) {
  const most = Math.max(...rows.map((row) => figure(row[column])))
  return [
    text(x, 36, '#1f2328', title, 'font-weight="600"'),
    ...rows.flatMap((row, nth) => {
      const y = 56 + nth * 36
      const width = Math.max(2, Math.round((figure(row[column]) / most) * ROOM * 10) / 10)
      return [
        text(x, y + 16, '#1f2328', NAMES[row[0]]),
        `<rect x="${x + LABEL}" y="${y}" width="${width}" height="${BAR}" rx="3" fill="${nth === 0 ? '#8c959f' : '#1a7f37'}"/>`,
        text(x + LABEL + width + 6, y + 16, '#1f2328', row[column]),
      ]
    }),
  ]
}

function text(x, y, fill, words, more = '') {
  return `<text x="${x}" y="${y}" fill="${fill}"${more && ` ${more}`}>${words}</text>`
}

function spoken(rows) {
  return PANELS.map(
    ({ title, column }) => `${title}: ${rows.map((row) => `${NAMES[row[0]]} ${row[column]}`).join(', ')}`,
  ).join('. ')
}

/** The cells of the table that follows a line. */
function rowsBelow(markdown, line) {
  const [, table] = /\n(\|[\s\S]*?)\n\n/.exec(markdown.slice(markdown.indexOf(line)))
  return table
    .split('\n')
    .slice(2)
    .map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
}

function figure(words) {
  return Number(words.replaceAll(',', ''))
}
