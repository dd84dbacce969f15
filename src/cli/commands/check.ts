import { importApplication } from '../check/application.js'
import { type CheckedCache, checkedCache } from '../check/checked-cache.js'
import { type Finding, gapsIn, isAllowed, mistakeFinding, verdictOf } from '../check/findings.js'
import { printFindings, printMap } from '../check/print-check.js'
import type { Command, Invocation } from '../command.js'
import { EXIT } from '../exit-codes.js'
import { durationOf, JSON_OPTION } from '../redis-options.js'

const WAIT = '10s'

export const check: Command = {
  name: 'check',
  summary: 'Print which write removes what of an application, and what is wrong with its rules',
  usage: '<module> [options]',
  positionals: { min: 1, max: 1 },
  options: {
    export: {
      type: 'string',
      short: 'e',
      value: '<name>',
      help: 'The export that is the Express app, or a function that makes it',
    },
    allow: {
      type: 'string',
      value: '<text>',
      multiple: true,
      help: 'A finding that is meant: its route, key, code or text',
    },
    import: {
      type: 'string',
      value: '<module>',
      multiple: true,
      help: 'Import this ahead, as node --import does',
    },
    wait: { type: 'string', value: '<time>', help: `How long the application may take to come up; ${WAIT}` },
    ...JSON_OPTION,
  },
  details: [
    'It imports the module, ES module or CommonJS, and looks at all caches that this makes: mistakes that cache.ready() would throw, warnings that it would log, reads that no write evicts, and writes that evict nothing. It connects to nothing by itself; what the application does when it is imported, it does. What that prints goes to standard error.',
    'With the Express app among the exports, it checks the rules against their routes and knows them by these. Where a function makes the app, name it by --export, and it is called without arguments. A TypeScript file is loaded by tsx, if that is installed.',
    'The code is 0 if nothing is found, 1 if something is, 2 if the module cannot be checked.',
  ],
  examples: [
    { line: 'check ./app.js', does: 'the map, and what is wrong' },
    { line: "check ./src/app.ts --export createApp --allow 'feed'", does: 'a function that makes the app' },
    { line: 'check ./dist/main.js --json', does: 'for CI' },
  ],
  run,
}

async function run({ options, positionals, terminal }: Invocation): Promise<number> {
  const [path = ''] = positionals
  terminal.takeOver()
  terminal.progress(`Importing ${path} …`)
  const application = await importApplication({
    path,
    loaders: options.texts('import'),
    exportName: options.text('export'),
    waitMs: durationOf('--wait', options.text('wait') ?? WAIT),
    terminal,
  })
  const { caches, apps, thrown } = application
  const found = new Map<string, Finding>()
  // A mistake that stopped the application is found again among its rules.
  const note = (finding: Finding) => void found.set(`${finding.where} ${finding.problem}`, finding)
  for (const mistake of thrown) note(mistakeFinding(mistake))
  const checked: CheckedCache[] = []
  for (const parts of caches) {
    // The routes are known once the rules are verified against them.
    const verdict = verdictOf(parts, apps)
    const cache = checkedCache(parts)
    // Where the application was stopped, more rules would have come.
    const gaps =
      thrown.length > 0 ? [] : gapsIn(cache.map, (read) => cache.ttls.get(read), parts.derived.evictsByItself)
    for (const finding of [...verdict, ...gaps]) note(finding)
    checked.push(cache)
  }
  return report({ options, positionals, terminal }, checked, [...found.values()])
}

function report(
  { options, terminal }: Invocation,
  checked: readonly CheckedCache[],
  all: readonly Finding[],
): number {
  const allowed = new Set(options.texts('allow'))
  const findings = all.filter((finding) => !isAllowed(finding, allowed))
  if (options.has('json')) {
    const caches = checked.map(({ keyPrefix, store, map, ttls }) => ({
      ...{ keyPrefix, store },
      ...{ ...map, reads: map.reads.map((read) => ({ ...read, ttlMs: ttls.get(read.name) ?? null })) },
    }))
    terminal.printJson({ caches, findings, allowed: all.length - findings.length })
  } else {
    for (const cache of checked) printMap(terminal, cache, checked.length > 1)
    printFindings(terminal, findings, all.length - findings.length)
  }
  return findings.length > 0 ? EXIT.no : EXIT.done
}
