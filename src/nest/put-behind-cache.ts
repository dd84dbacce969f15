import { IncomingMessage } from 'node:http'
import { Req } from '@nestjs/common'
import type { Request } from 'express'
import { nestRouteOf } from './nest-metadata.js'
import { visitOf } from './route-visit.js'

type Method = (this: unknown, ...args: unknown[]) => unknown

/** Where a method of a class gets the request, behind all arguments of its own. */
const REQUEST_AT = new WeakMap<object, Map<string, number>>()
const BEHIND_CACHE = new WeakSet<object>()

/**
 * Lets a controller's method ask the cache before it runs, in whatever application the request comes with a visit.
 *
 * Nest runs pipes and an application's own decorators of parameters inside of all interceptors, and those may refuse a
 * request, so the only place behind them is the method. It gets the request as one more argument, which its own body does
 * not see. Metadata stay with it, as Nest reads them off the function.
 */
export function putBehindCache(classType: object, name: string): void {
  const prototype = prototypeWith(classType, name)
  const method: Method | undefined = Reflect.get(prototype, name)
  if (typeof method !== 'function') return
  takeRequest(classType, name, method)
  if (BEHIND_CACHE.has(method)) return
  const behindCache = function (this: unknown, ...args: unknown[]): unknown {
    const req = takenRequest(this, name, args)
    const visit = req && visitOf(req)
    if (!visit) return Reflect.apply(method, this, args)
    return visit.call(args, (own) => Reflect.apply(method, this, own as unknown[]))
  }
  BEHIND_CACHE.add(behindCache)
  standIn(behindCache, method)
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name)
  Object.defineProperty(prototype, name, { ...descriptor, value: behindCache })
}

/** Binds the request behind all arguments, once for a class. */
function takeRequest(classType: object, name: string, { length }: Method): void {
  const ofClass = REQUEST_AT.get(classType) ?? new Map<string, number>()
  REQUEST_AT.set(classType, ofClass)
  if (ofClass.has(name)) return
  const bound = nestRouteOf(classType, name)?.args ?? []
  const at = Math.max(length, ...bound.map(({ index }) => index + 1))
  Req()(Reflect.get(classType, 'prototype'), name, at)
  ofClass.set(name, at)
}

/** The request among the arguments of a call, which is taken off them. None in a call that Nest has not made. */
function takenRequest(self: unknown, name: string, args: unknown[]): Request | undefined {
  const at = requestAt(Object(self).constructor, name)
  if (at === undefined || args.length !== at + 1 || !isRequest(args[at])) return undefined
  return args.pop() as Request
}

/** One of HTTP/2 is of another class, and has a visit. */
function isRequest(arg: unknown): boolean {
  return arg instanceof IncomingMessage || visitOf(Object(arg)) !== undefined
}

function requestAt(classType: unknown, name: string): number | undefined {
  for (let type = classType; typeof type === 'function'; type = Object.getPrototypeOf(type)) {
    const at = REQUEST_AT.get(type)?.get(name)
    if (at !== undefined) return at
  }
  return undefined
}

function prototypeWith(classType: object, name: string): object {
  let prototype: object = Reflect.get(classType, 'prototype')
  while (!Object.hasOwn(prototype, name)) prototype = Object.getPrototypeOf(prototype)
  return prototype
}

/** Makes one function look like another to those who ask for its name, its length, its fields and its metadata. */
function standIn(own: object, original: object): void {
  for (const name of ['name', 'length']) {
    Object.defineProperty(own, name, { value: Reflect.get(original, name), configurable: true })
  }
  for (const key of Reflect.getOwnMetadataKeys(original)) {
    Reflect.defineMetadata(key, Reflect.getOwnMetadata(key, original), own)
  }
  Object.setPrototypeOf(own, original)
}
