import type { ExplainedStep, Explanation } from '../../../monitoring/reports.js'
import { bytes, duration } from '../format.js'
import { KeyLink } from '../parts/key-link.js'
import { linkTo } from '../route.js'

const OUTCOMES = {
  passes: { mark: '✓', word: 'passes' },
  stops: { mark: '✕', word: 'stops here' },
  unknown: { mark: '?', word: 'only the request can tell' },
} as const

/** What one rule makes of the request. */
export function Decision({ explanation }: { readonly explanation: Explanation }) {
  const { process, rule, route, template, key, steps, entry, next } = explanation
  return (
    <section class="panel decision" aria-label={`Decision of ${rule}`}>
      <header>
        <span class={`x-cache x-cache-${next.xCache.toLowerCase()}`}>{next.xCache}</span>
        <div>
          <h2>{next.because}</h2>
          <p class="muted">
            <a href={linkTo('rules', { rule: route ?? rule })}>{route ?? rule}</a>
            {route !== null && route !== rule && ` · ${rule}`} · key <code>{template}</code> · in {process}
          </p>
        </div>
      </header>
      <ol class="steps">
        {steps.map((step) => (
          <Step key={`${step.check} ${step.detail}`} step={step} />
        ))}
      </ol>
      <dl class="facts">
        <div>
          <dt>Key</dt>
          <dd>{key === null ? <span class="muted">none</span> : <KeyLink value={key} />}</dd>
        </div>
        <div>
          <dt>Stored now</dt>
          <dd>
            {entry === null
              ? 'nothing'
              : `${bytes(entry.bytes)}, gone in ${duration(entry.remainingMs)}${entry.isStale ? ', stale' : ''}`}
          </dd>
        </div>
      </dl>
    </section>
  )
}

function Step({ step: { check, outcome, detail, mend } }: { readonly step: ExplainedStep }) {
  const { mark, word } = OUTCOMES[outcome]
  return (
    <li class={`step step-${outcome}`}>
      <span class="step-mark" aria-hidden="true">
        {mark}
      </span>
      <div>
        <p>
          <strong>{check}</strong> <span class="step-word">{word}</span>
        </p>
        <p>{detail}</p>
        {mend && <p class="mend">{mend}</p>}
      </div>
    </li>
  )
}
