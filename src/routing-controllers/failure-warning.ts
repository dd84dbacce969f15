import type { ActionMetadata } from 'routing-controllers'
import type { WriteRule } from '../rules/rule.js'

/**
 * Warns of a write that gives nothing to answer with: routing-controllers then answers 404, and a write that answers
 * 400 or above evicts nothing. Judged by the method's source, and only where that leaves no doubt.
 */
export function failureWarning(rule: WriteRule, action: ActionMetadata, routeName: string): string[] {
  const method: unknown = action.controllerMetadata.target.prototype[action.method]
  if (mayAnswer(action) || typeof method !== 'function' || returnsSomething(method)) return []
  const status = typeof action.undefinedResultCode === 'number' ? action.undefinedResultCode : 404
  return [
    `${rule.where} on ${routeName} returns nothing, so routing-controllers answers ${status}, and the write evicts nothing. Return something, or add @OnUndefined(204).`,
  ]
}

/** Whether something else than what the method returns may become its answer. */
function mayAnswer(action: ActionMetadata): boolean {
  const { undefinedResultCode, params, interceptors, redirect, renderedTemplate } = action
  const isSuccess = typeof undefinedResultCode === 'number' && undefinedResultCode < 400
  const hasResponse = params.some(({ type }) => type === 'response' || type === 'custom-converter')
  return isSuccess || hasResponse || interceptors.length > 0 || Boolean(redirect ?? renderedTemplate)
}

/** Taken for yes where in doubt: also a function inside may return something. */
function returnsSomething(method: object): boolean {
  const source = Function.prototype.toString.call(method)
  return source.includes('[native code]') || /\breturn\b(?!\s*(;|\}|$))/m.test(source)
}
