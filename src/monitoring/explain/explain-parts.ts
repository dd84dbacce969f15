import type { Engine } from '../../engine/engine.js'
import type { MiddlewareContext } from '../../express/context.js'
import type { RuleRegistry } from '../../rules/registry.js'
import type { ReportedParts } from '../process-report.js'

/** What it takes to say what the cache of this process would do. */
export interface ExplainParts extends ReportedParts {
  readonly engine: Engine
  readonly registry: RuleRegistry
  readonly context: MiddlewareContext
  /** The applications that this process is known to serve. */
  readonly applications: ReadonlySet<object>
}
