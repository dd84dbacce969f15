import express, { type Express } from 'express'

/** Express without its report of errors on the console. */
export function quietExpress(): Express {
  return express().set('env', 'test')
}
