import { type ApplicationConfig, type ModulesContainer } from '@nestjs/core'
import { ambiguousNames } from '../express/bound-names.js'
import { parameterNames } from '../express/parameter-names.js'
import type { RouteFacts } from '../express/verify-routes.js'
import { joined, type NestRoute } from './nest-metadata.js'

/** Nest's `VersioningType.URI`. */
const BY_URI = 0
/** Where Nest's `RouterModule` leaves the path of a module. */
const MODULE_PATH = '__module_path__'

/** What an application says of the paths of all its routes. */
export interface Surroundings {
  readonly config: ApplicationConfig
  readonly modules: Pick<ModulesContainer, 'applicationId'>
  /** The module of the controller. */
  readonly module: object | undefined
}

/** A route of Nest as rules see it. */
export function routeFactsOf(route: NestRoute, surroundings: Surroundings): RouteFacts {
  const paths = route.paths.flatMap((path) => fullPaths(path, route, surroundings))
  const ofPath = [...new Set(paths.flatMap((path) => [...parameterNames(path)]))]
  const bound = route.args.flatMap(({ name, type, source }) =>
    name === undefined ? [] : [{ name, kind: type, source }],
  )
  const params = ofPath.map((name) => ({ name, kind: '5', source: 'params' as const }))
  return {
    name: `${route.method} ${paths.join(', ')}`,
    methods: route.method === 'ALL' ? ['GET', 'POST'] : [route.method],
    names: new Set([...ofPath, ...bound.map(({ name }) => name)]),
    ambiguous: ambiguousNames([...params, ...bound]),
  }
}

function fullPaths(path: string, route: NestRoute, { config, modules, module }: Surroundings): string[] {
  const ofModule = module && Reflect.getMetadata(MODULE_PATH + modules.applicationId, module)
  const inner = joined(ofModule ?? '', path)
  const versioning = config.getVersioning()
  const isInPath = versioning?.type === BY_URI && route.versions.length > 0
  const prefix = versioning?.type === BY_URI ? (versioning.prefix ?? 'v') : ''
  const versions = isInPath ? route.versions.map((version) => `${prefix || ''}${version}`) : ['']
  const outer = isExcluded(inner, config) ? '' : config.getGlobalPrefix()
  return versions.map((version) => joined(outer, joined(version, inner)))
}

function isExcluded(path: string, config: ApplicationConfig): boolean {
  const { exclude = [] } = config.getGlobalPrefixOptions()
  return exclude.some(({ pathRegex }) => pathRegex.test(path))
}
