import type { Logger } from 'express-cacheable'

/** Says nothing; for tests and benchmarks. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/** One plain line per message, with the time: news on stdout, trouble on stderr. */
export const consoleLogger: Logger = {
  debug() {},
  info: (message) => console.log(`${time()} ${message}`),
  warn: (message) => console.error(`${time()} Warning: ${message}`),
  error: (message) => console.error(`${time()} Error: ${message}`),
}

function time(): string {
  return new Date().toTimeString().slice(0, 8)
}
