import 'reflect-metadata'
import type { AddressInfo } from 'node:net'
import {
  type DynamicModule,
  type INestApplication,
  Module,
  type ModuleMetadata,
  type Type,
} from '@nestjs/common'
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core'
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express'
import type { Cache } from 'express-cacheable'
import { ExpressCacheableModule, type ExpressCacheableModuleOptions } from 'express-cacheable/nest'

export interface NestAppOptions extends Pick<ModuleMetadata, 'providers' | 'imports'> {
  readonly controllers: Type[]
  /** What stands in main.ts before it listens. */
  readonly setUp?: (app: NestExpressApplication) => void
  /** @defaultValue Express */
  readonly adapter?: AbstractHttpAdapter
  /** Of the module of the cache. */
  readonly options?: ExpressCacheableModuleOptions
}

export interface NestApp {
  readonly app: INestApplication
  readonly url: string
  close(): Promise<void>
}

/** An application of Nest on a random port; without a cache as it is, with one behind it. */
export async function startNest(cache: Cache | null, options: NestAppOptions): Promise<NestApp> {
  const { controllers, providers = [], imports = [], setUp, adapter = new ExpressAdapter() } = options
  const own: DynamicModule[] = cache ? [ExpressCacheableModule.forRoot(cache, options.options)] : []
  class AppModule {}
  Module({ controllers, providers, imports: [...imports, ...own] })(AppModule)
  const app = await NestFactory.create<NestExpressApplication>(AppModule, adapter, {
    logger: false,
    abortOnError: false,
  })
  setUp?.(app)
  await app.listen(0, '127.0.0.1')
  const { port } = app.getHttpServer().address() as AddressInfo
  return {
    app,
    url: `http://127.0.0.1:${port}`,
    async close() {
      app.getHttpServer().closeAllConnections()
      await app.close()
    },
  }
}
