// For the image of the demo: makes what the demo needs at run time dependencies of the package, with the versions of the
// lock file, so that `npm prune --omit=dev` leaves them and takes away what only building and testing need.
import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

export const DEMO_PACKAGES = [
  '@electric-sql/pglite',
  '@prisma/adapter-pg',
  '@prisma/client',
  'class-transformer',
  'class-validator',
  'express',
  'express-rate-limit',
  'http-proxy-middleware',
  'ioredis',
  'jose',
  'kafkajs',
  'pglite-prisma-adapter',
  'routing-controllers',
]

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'))
  for (const name of DEMO_PACKAGES) {
    manifest.dependencies[name] = packages[`node_modules/${name}`].version
    delete manifest.devDependencies[name]
  }
  // Peers are now dependencies, and those of Prisma (its command, TypeScript) have done their work.
  delete manifest.peerDependencies
  delete manifest.peerDependenciesMeta
  writeFileSync('package.json', `${JSON.stringify(manifest, null, 2)}\n`)
}
