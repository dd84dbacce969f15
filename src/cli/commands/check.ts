import type { Command } from '../command.js'
import { JSON_OPTION } from '../redis-options.js'

export const check: Command = {
  name: 'check',
  summary: 'Print which write removes what of an application, and what is wrong with its rules',
  usage: '<module> [options]',
  positionals: { min: 1, max: 1 },
  options: {
    export: {
      type: 'string',
      short: 'e',
      value: '<name>',
      help: 'The export that is the Express app, or a function that makes it',
    },
    allow: {
      type: 'string',
      value: '<text>',
      multiple: true,
      help: 'A finding that is meant: its route, key, code or text',
    },
    import: {
      type: 'string',
      value: '<module>',
      multiple: true,
      help: 'Import this ahead, as node --import does',
    },
    wait: { type: 'string', value: '<time>', help: 'How long the application may take to come up; 10s' },
    ...JSON_OPTION,
  },
  details: [
    'It imports the module, ES module or CommonJS, and looks at all caches that this makes: mistakes that cache.ready() would throw, warnings that it would log, reads that no write evicts, and writes that evict nothing. It connects to nothing by itself; what the application does when it is imported, it does. What that prints goes to standard error.',
    'With the Express app among the exports, it checks the rules against their routes and knows them by these. Where a function makes the app, name it by --export, and it is called without arguments. A TypeScript file is loaded by tsx, if that is installed.',
    'The code is 0 if nothing is found, 1 if something is, 2 if the module cannot be checked.',
  ],
  examples: [
    { line: 'check ./app.js', does: 'the map, and what is wrong' },
    { line: "check ./src/app.ts --export createApp --allow 'feed'", does: 'a function that makes the app' },
    { line: 'check ./dist/main.js --json', does: 'for CI' },
  ],
  // The rest of the package is loaded for those alone who check.
  run: async (invocation) => (await import('../check/run-check.js')).runCheck(invocation),
}
