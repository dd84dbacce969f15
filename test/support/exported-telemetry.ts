import type { RequestListener } from 'node:http'
import { context, createContextKey, metrics, type Span, SpanKind, trace } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node'

/** Where the instrumentation of HTTP says which span is that of the request. */
const RPC_METADATA = createContextKey('OpenTelemetry SDK Context Key RPC_METADATA')

/** OpenTelemetry as an application sets it up, for one suite, and what it would have sent. */
export function exportedTelemetryOfSuite() {
  const spans = new InMemorySpanExporter()
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  let tracing: NodeTracerProvider
  let meters: MeterProvider

  before(() => {
    tracing = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] })
    tracing.register()
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 })
    meters = new MeterProvider({ readers: [reader] })
    metrics.setGlobalMeterProvider(meters)
  })
  afterEach(() => spans.reset())
  after(async () => {
    await tracing.shutdown()
    await meters.shutdown()
    trace.disable()
    context.disable()
    metrics.disable()
  })

  return {
    /** Those that have ended, in the order of their ends. */
    spans: (): readonly ReadableSpan[] => spans.getFinishedSpans(),
    named: (name: string): readonly ReadableSpan[] =>
      spans.getFinishedSpans().filter((span) => span.name === name),
    /** Name, attributes and value of each point. */
    async points() {
      exporter.reset()
      await meters.forceFlush()
      return exporter
        .getMetrics()
        .flatMap(({ scopeMetrics }) =>
          scopeMetrics.flatMap((scope) =>
            scope.metrics.flatMap(({ descriptor, dataPoints }) =>
              dataPoints.map(({ attributes, value }) => ({ name: descriptor.name, attributes, value })),
            ),
          ),
        )
    },
  }
}

/**
 * Does as the instrumentation of HTTP: a span for each request, active while it is answered.
 *
 * @param isKnown - Whether the context says which span it is, as newer instrumentations have it.
 */
export function instrumented(app: RequestListener, isKnown: boolean): RequestListener {
  return (req, res) => {
    const span: Span = trace
      .getTracer('test')
      .startSpan(`${req.method} ${req.url}`, { kind: SpanKind.SERVER })
    res.once('close', () => span.end())
    const active = trace.setSpan(context.active(), span)
    const known = isKnown ? active.setValue(RPC_METADATA, { type: 'http', span }) : active
    context.with(known, () => app(req, res))
  }
}
