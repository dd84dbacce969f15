import { MESSAGE_PREFIX } from './log-reader.js'

/**
 * SQL that a superuser may run, so that a migration is seen with its commit instead of within about a second: a trigger
 * that writes a message into the log, and no table.
 */
export const DDL_TRIGGER_SQL = `CREATE SCHEMA IF NOT EXISTS express_cacheable;
CREATE OR REPLACE FUNCTION express_cacheable.tell_of_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_logical_emit_message(true, '${MESSAGE_PREFIX}', 'ddl');
END $$;
DROP EVENT TRIGGER IF EXISTS express_cacheable_ddl;
CREATE EVENT TRIGGER express_cacheable_ddl ON ddl_command_end EXECUTE FUNCTION express_cacheable.tell_of_ddl();
DROP EVENT TRIGGER IF EXISTS express_cacheable_drop;
CREATE EVENT TRIGGER express_cacheable_drop ON sql_drop EXECUTE FUNCTION express_cacheable.tell_of_ddl();`
