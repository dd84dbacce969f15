import type { Command } from '../command.js'
import { JSON_OPTION } from '../redis-options.js'

export const postgres: Command = {
  name: 'postgres',
  summary: 'Set a PostgreSQL up so that its changes can be followed, and look whether it is',
  usage: '<setup | check | triggers> [options]',
  positionals: { min: 1, max: 1 },
  options: {
    database: {
      type: 'string',
      short: 'd',
      value: '<url>',
      help: 'The PostgreSQL; without it, DATABASE_URL',
    },
    from: { type: 'string', value: '<way>', help: 'How it is followed, for check: log or outbox; log' },
    publication: {
      type: 'string',
      value: '<name>',
      help: 'Its name, for setup and check; express_cacheable',
    },
    role: { type: 'string', value: '<name>', help: 'Who follows, for setup and triggers; who connects' },
    ignore: {
      type: 'string',
      value: '<table>',
      multiple: true,
      help: 'A table that no answer is made from, as in followDatabase',
    },
    apply: { type: 'boolean', help: 'Make the triggers, instead of printing the SQL' },
    drop: { type: 'boolean', help: 'Take the triggers and the outbox away' },
    ddl: { type: 'boolean', help: 'With triggers, also what tells of migrations at once; wants a superuser' },
    ...JSON_OPTION,
  },
  details: [
    'setup prints the SQL that is still to be run before followDatabase(cache, { connectionString }) can read the log of the database. It runs none of it.',
    "triggers prints the SQL for a database without logical replication: each table gets triggers that write what changes into an outbox, which followDatabase(cache, { connectionString, from: 'outbox' }) reads. With --apply it makes them, a table at a time, where they are not yet as they have to be: run it after each migration that makes a table or an index.",
    'check looks whether a database can be followed, with the rights of whoever connects, and says what to type where it cannot. The code is 0 if it can, 1 if not, 2 if nobody can tell.',
  ],
  examples: [
    { line: 'postgres setup', does: 'what is still to be run' },
    { line: 'postgres check --from outbox', does: 'whether it can be followed' },
    { line: 'postgres triggers --apply --ignore _prisma_migrations', does: 'without logical replication' },
    { line: 'postgres triggers --drop --apply', does: 'as if it had never been' },
  ],
  // Nobody else needs it, nor a driver of PostgreSQL.
  run: async (invocation) => (await import('../postgres/run-postgres.js')).runPostgres(invocation),
}
