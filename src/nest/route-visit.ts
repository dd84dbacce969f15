import type { Request, Response } from 'express'
import { EMPTY, EmptyError, isObservable, Observable } from 'rxjs'
import type { MiddlewareContext } from '../express/context.js'
import { withinLoad } from '../express/read/load-of-request.js'
import { readThrough } from '../express/read/read-through.js'
import { leaveRoute } from '../express/route-visit.js'
import { type HeldWrite, writeThrough } from '../express/write/write-through.js'
import { reasonOf } from '../tools/reason-of.js'
import { type CachedRoute, valuesOfRoute } from './cached-route.js'
import { isNext } from './nest-metadata.js'

type Method = (args: readonly unknown[]) => unknown

/** On the request itself: a `WeakMap` of many short-lived objects keeps the garbage collector busy. */
const VISIT = Symbol('visit of a route of Nest')

/** The visit of a request whose interceptors have begun, on a route with rules. */
export function visitOf(req: Request): RouteVisit | undefined {
  return (req as Request & { [VISIT]?: RouteVisit })[VISIT]
}

/** A request on a route of Nest with rules, from its first interceptor to its answer. */
export class RouteVisit {
  readonly #route: CachedRoute
  readonly #context: MiddlewareContext
  readonly #req: Request
  readonly #res: Response
  #write: HeldWrite | undefined
  #hasBegun = false
  #isAnswered = false

  constructor(route: CachedRoute, context: MiddlewareContext, req: Request, res: Response) {
    this.#route = route
    this.#context = context
    this.#req = req
    this.#res = res
    Object.defineProperty(req, VISIT, { value: this, configurable: true })
  }

  /** Whether the cache has answered in place of the method. */
  get isAnswered(): boolean {
    return this.#isAnswered
  }

  /**
   * Calls the method with what pipes have made of its arguments, or answers in its place: then what it gives is an
   * observable of nothing, so that interceptors get nothing to change, and hear all the same that it is over.
   */
  async call(args: readonly unknown[], method: Method): Promise<unknown> {
    // An interceptor that tries again does so within its first try's load or write.
    if (!this.#hasBegun && (await this.#begin(args))) return EMPTY
    return this.#follow(args, method)
  }

  /** An error goes on to filters: whoever answers for it may not say so by the status. */
  failed(error: unknown): void {
    if (!this.#isAnswered) {
      leaveRoute(this.#req, error ?? true)
      return
    }
    // Whoever waits for a value that never comes is told so by rxjs.
    if (error instanceof EmptyError) return
    this.#context.warn(`${this.#route.where}: an interceptor failed behind a hit: ${reasonOf(error)}`)
  }

  async #begin(args: readonly unknown[]): Promise<boolean> {
    this.#hasBegun = true
    const { read, writes } = this.#route
    const [context, req, res] = [this.#context, this.#req, this.#res]
    const values = valuesOfRoute(this.#route, req, args, context.userOf)
    if (writes.length > 0) this.#write = await writeThrough(writes, context, req, res, values)
    if (read) this.#isAnswered = await readThrough(read, context, req, res, values)
    if (this.#isAnswered) answerNoMore(res)
    return this.#isAnswered
  }

  async #follow(args: readonly unknown[], method: Method): Promise<unknown> {
    const write = this.#write
    const own = args.map((arg, index) => (this.#isNextAt(index) ? this.#leaving(arg) : arg))
    let result: unknown
    try {
      // Within, since Prisma's promises do nothing before somebody waits for them.
      result = await this.#within(async () => await method(own))
    } catch (error) {
      write?.handlerDone()
      throw error
    }
    if (!isObservable(result)) {
      write?.handlerDone()
      return result
    }
    return new Observable((subscriber) => {
      subscriber.add(() => write?.handlerDone())
      return this.#within(() => result.subscribe(subscriber))
    })
  }

  #within<Result>(run: () => Result): Result {
    const inLoad = () => withinLoad(this.#req, this.#context.loads, run)
    return this.#write ? this.#write.run(inLoad) : inLoad()
  }

  #isNextAt(index: number): boolean {
    return this.#route.args.some((arg) => arg.index === index && isNext(arg))
  }

  /** What answers behind a method that goes on without an answer is none of the method's answers. */
  #leaving(next: unknown): unknown {
    return (error?: unknown) => {
      leaveRoute(this.#req, error)
      ;(next as (error?: unknown) => void)(error)
    }
  }
}

/** Nest answers with whatever comes out of the interceptors, and so with nothing, when the answer has left. */
function answerNoMore(res: Response): void {
  const quiet = () => res
  Object.assign(res, { status: quiet, send: quiet, redirect: quiet, render: quiet })
}
