import express, { type Express } from 'express'
import express4 from 'express4'
import express417 from 'express4-17'

/** An Express of one major version, as tests make their applications with it. */
export interface ExpressVersion {
  readonly name: string
  readonly express: typeof express
  /** An application without Express's report of errors on the console. */
  createApp(): Express
}

function versionOf(name: string, factory: typeof express): ExpressVersion {
  return { name, express: factory, createApp: () => factory().set('env', 'test') }
}

/** The versions that are supported. */
export const EXPRESS_VERSIONS: readonly ExpressVersion[] = [
  versionOf('Express 5', express),
  versionOf('Express 4', express4),
  versionOf('Express 4.17', express417),
]
