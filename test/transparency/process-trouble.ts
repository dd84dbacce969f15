import { nameOf } from './probe.js'

let heard: string[] = []

/** From now on what would end this process, and its warnings, are only noted. */
export function noteProcessTrouble(): void {
  process.on('uncaughtException', (error, origin) => {
    if (origin === 'uncaughtException') heard.push(`uncaught: ${nameOf(error)}`)
  })
  process.on('unhandledRejection', (reason) => heard.push(`unhandled rejection: ${nameOf(reason)}`))
  process.on('warning', (warning) => heard.push(`warning: ${warning.name}: ${warning.message}`))
}

/** What has been noted since this was asked last. */
export function takeProcessTrouble(): string[] {
  const taken = heard
  heard = []
  return taken
}
