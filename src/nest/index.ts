export { Cache } from '../cache.js'
export {
  type ExpressCacheableAsyncOptions,
  ExpressCacheableModule,
  type ExpressCacheableModuleOptions,
  type ExpressCacheableSettings,
} from './express-cacheable-module.js'
