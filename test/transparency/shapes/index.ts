import type { Shape } from '../shape.js'
import { ERRORS } from './errors.js'
import { EXPRESS } from './express.js'
import { HEADERS } from './headers.js'
import { HOOK_SHAPES } from './hooks.js'
import { ISSUE_13 } from './issue-13.js'
import { MIDDLEWARE_SHAPES } from './middleware.js'
import { STREAMS } from './streams.js'
import { WRITE_AND_END } from './write-and-end.js'
import { WRITE_HEAD } from './write-head.js'

/** All shapes. */
export const SHAPES: readonly Shape[] = [
  ...ISSUE_13,
  ...WRITE_HEAD,
  ...WRITE_AND_END,
  ...HEADERS,
  ...EXPRESS,
  ...STREAMS,
  ...ERRORS,
  ...HOOK_SHAPES,
  ...MIDDLEWARE_SHAPES,
]
