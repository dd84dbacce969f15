export { registerControllers } from './register-controllers.js'
