// Tries all shapes in some modes, in a process of its own, since a fault may be the end of it. What it finds goes to
// the parent, one message for each shape and mode.
import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import { MODES } from './modes.js'
import { noteProcessTrouble } from './process-trouble.js'
import { SHAPES } from './shapes/index.js'
import { isTried, ShapeTrial } from './try-shape.js'

/** What is to be tried. */
export interface Trial {
  readonly version: string
  readonly modes: readonly string[]
  /** Only shapes whose name contains this. */
  readonly shape?: string
  /** What processes before this one have tried, as `nameOfTrial` says. */
  readonly done: readonly string[]
}

/** What is tried now, and then what differed. */
export type Report = { readonly begins: string } | { readonly trial: string; readonly difference: string }

noteProcessTrouble()
// What a shape has left open must not keep the process, nor may it outlive who asked for it.
process.once('disconnect', () => process.exit())
process.once('message', async (message) => {
  const { version: versionName, modes: modeNames, shape: part = '', done } = message as Trial
  const version = EXPRESS_VERSIONS.find(({ name }) => name === versionName)
  const modes = MODES.filter(({ name }) => modeNames.includes(name))
  if (!version || modes.length === 0) throw new Error(`no ${versionName}, or no ${modeNames}`)
  const longest = Math.max(...modes.map(({ exchanges }) => exchanges))
  for (const shape of SHAPES.filter(({ name }) => name.includes(part))) {
    const trial = new ShapeTrial(shape, version, longest)
    for (const mode of modes.filter((each) => isTried(shape, each))) {
      const name = nameOfTrial(mode.name, shape.name)
      if (done.includes(name)) continue
      report({ begins: name })
      const difference = await trial.differenceIn(mode).catch((error) => `the harness failed: ${error.stack}`)
      report({ trial: name, difference })
    }
  }
  process.disconnect()
})

function nameOfTrial(mode: string, shape: string): string {
  return `${mode}: ${shape}`
}

function report(message: Report): void {
  process.send?.(message)
}
