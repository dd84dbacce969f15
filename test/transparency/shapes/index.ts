import type { Shape } from '../shape.js'
import { ERRORS } from './errors.js'
import { WRITE_AND_END } from './write-and-end.js'
import { WRITE_HEAD } from './write-head.js'

/** All shapes. */
export const SHAPES: readonly Shape[] = [...WRITE_HEAD, ...WRITE_AND_END, ...ERRORS]
