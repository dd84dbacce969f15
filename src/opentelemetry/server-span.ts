import { type Context, context, createContextKey, type Span, trace } from '@opentelemetry/api'

/**
 * Where `@opentelemetry/core`, and with it the instrumentation of HTTP, keeps what it knows of the request that is being
 * answered; keys of one description are one key.
 */
const RPC_METADATA = createContextKey('OpenTelemetry SDK Context Key RPC_METADATA')
/** For code within a load, whose active span is the load's. */
const SERVER_SPAN = createContextKey('express-cacheable server span')

/**
 * The span of the request that runs: that of the HTTP instrumentation, where it says which. Else the active one, which may be
 * that of a middleware.
 */
export function serverSpan(active: Context = context.active()): Span | undefined {
  const known = active.getValue(SERVER_SPAN) as Span | undefined
  const rpc = active.getValue(RPC_METADATA) as { readonly span?: Span } | undefined
  return known ?? rpc?.span ?? trace.getSpan(active)
}

/** A context in which a span is active and another is that of the request. */
export function withinSpan(base: Context, active: Span, server: Span | undefined): Context {
  const inner = trace.setSpan(base, active)
  return server ? inner.setValue(SERVER_SPAN, server) : inner
}
