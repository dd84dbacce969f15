import type { Invocation } from '../command.js'
import { EXIT } from '../exit-codes.js'
import { durationOf } from '../redis-options.js'
import { importApplication } from './application.js'
import { type CheckedCache, checkedCache } from './checked-cache.js'
import { type Finding, gapsIn, isAllowed, mistakeFinding, verdictOf } from './findings.js'
import { printFindings, printMap } from './print-check.js'

const WAIT = '10s'

/** What `check` does; see `commands/check.ts`. */
export async function runCheck({ options, positionals, terminal }: Invocation): Promise<number> {
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
