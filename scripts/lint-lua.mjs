// Runs luacheck on the stores' Lua scripts as they are sent to Redis, since a piece is only whole together with what it
// is included with, and says where in the .lua files each warning is. Without luacheck it does nothing, but in CI it
// fails.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, STORES, scriptsOf } from './lua/compose.mjs'

/** luacheck's code for a local that nothing uses. A script need not use all that its pieces have. */
const UNUSED = 'W211'

function luacheck(directory, files) {
  const args = [
    '--config',
    join(root, '.luacheckrc'),
    '--no-cache',
    '--formatter',
    'plain',
    '--codes',
    ...files,
  ]
  return spawnSync('luacheck', args, { cwd: directory, encoding: 'utf8' })
}

/** Each warning once, whatever number of scripts has it. */
function warningsIn(output, scripts) {
  const warnings = new Map()
  for (const [, file, line, column, code, text] of output.matchAll(/^(.+?):(\d+):(\d+): \((\w+)\) (.*)$/gm)) {
    const at = scripts.get(file).lines[line - 1]
    const place = `${at.file}:${at.line}:${column}`
    const found = warnings.get(place + code) ?? { place, code, text, file: at.file, scripts: 0 }
    found.scripts += 1
    warnings.set(place + code, found)
  }
  return [...warnings.values()].filter(({ code, file, scripts: count }) => {
    const includers = [...scripts.values()].filter(({ lines }) => lines.some((line) => line.file === file))
    return code !== UNUSED || count === includers.length
  })
}

const scripts = new Map(
  STORES.flatMap(scriptsOf).map((script) => [`${script.store}-${script.name}.lua`, script]),
)
const directory = mkdtempSync(join(tmpdir(), 'express-cacheable-lua-'))
try {
  for (const [file, { lines }] of scripts) {
    writeFileSync(join(directory, file), `${lines.map(({ text }) => text).join('\n')}\n`)
  }
  const { error, status, stdout, stderr } = luacheck(directory, [...scripts.keys()])
  const isMissing = error?.code === 'ENOENT'
  if (isMissing && !process.env.CI) {
    console.log('Lua: luacheck is not installed, so the scripts are not checked (Debian package lua-check).')
  } else if (error || status > 1) {
    console.error(
      `Lua: luacheck failed.\n${isMissing ? 'It is not installed (Debian package lua-check).' : `${stdout}${stderr}`}`,
    )
    process.exitCode = 1
  } else {
    const warnings = warningsIn(stdout, scripts)
    for (const { place, code, text } of warnings) console.error(`${place}: (${code}) ${text}`)
    console.log(`Lua: ${scripts.size} scripts checked, ${warnings.length} warnings.`)
    if (warnings.length > 0) process.exitCode = 1
  }
} finally {
  rmSync(directory, { recursive: true, force: true })
}
