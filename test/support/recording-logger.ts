import type { Logger } from 'express-cacheable'

type Level = keyof Logger

export interface RecordingLogger extends Logger {
  readonly lines: readonly { readonly level: Level; readonly message: string }[]
  at(level: Level): string[]
}

/** A logger whose lines a test can read. */
export function recordingLogger(): RecordingLogger {
  const lines: { level: Level; message: string }[] = []
  const record = (level: Level) => (message: string) => {
    lines.push({ level, message })
  }
  return {
    lines,
    at: (level) => lines.filter((line) => line.level === level).map((line) => line.message),
    debug: record('debug'),
    info: record('info'),
    warn: record('warn'),
    error: record('error'),
  }
}
