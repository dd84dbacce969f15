import type { NextFunction, Request, RequestHandler, Response } from 'express'
import type { Probe } from './probe.js'

/** A handler of a shape; it may tell its probe what it saw. */
export type ShapeHandler = (req: Request, res: Response, next: NextFunction, probe: Probe) => unknown

/** What stands around the handler of a shape. All is made anew for each run. */
interface Surroundings {
  /** Middleware in front of the cache, mounted by `app.use`. */
  readonly front?: (probe: Probe) => RequestHandler[]
  /** Middleware of the route, behind the cache's. */
  readonly behind?: (probe: Probe) => RequestHandler[]
  /** Settings of the application, such as `['etag', false]`. */
  readonly settings?: readonly (readonly [name: string, value: unknown])[]
  /** Headers of the request. */
  readonly headers?: Readonly<Record<string, string>>
  /** `HEAD` in place of `GET`; only where answers are read. */
  readonly isHead?: boolean
  /** The version of HTTP that the client speaks. @defaultValue 1.1 */
  readonly version?: '1.0' | '1.1'
  /** The client goes once it has got this; what comes later is not compared. Only where answers are read. */
  readonly leaveAfter?: string
  /** Runs where answers are read, or where they are held, alone. @defaultValue both */
  readonly only?: 'read' | 'write'
  /** It is tried on connections of its own alone, not between other requests. */
  readonly isNeverPipelined?: boolean
}

/** A small set-up of handler and middleware, which is to behave the same with the cache and without. */
export interface Shape extends Surroundings {
  readonly name: string
  readonly handler: ShapeHandler
}

/** Shapes by their names; a handler alone, or with what stands around it. */
export type ShapeTable = Readonly<
  Record<string, ShapeHandler | (Surroundings & { readonly handler: ShapeHandler })>
>

/** @param subject - Put before each name. */
export function shapesOf(subject: string, table: ShapeTable): Shape[] {
  return Object.entries(table).map(([title, shape]) => ({
    name: `${subject}: ${title}`,
    ...(typeof shape === 'function' ? { handler: shape } : shape),
  }))
}
