import { OWN_SCHEMA } from '../../sql/catalogue-query.js'
import { quotedName } from '../quoted.js'

/** Whoever follows is woken up by it. */
export const CHANNEL = 'express_cacheable'
/** Of a statement with more rows it says only that it wrote. */
const MOST_IMAGES = 200
/** Nor does it say more where they have long texts. */
const MOST_BYTES = 65_536

/**
 * Of the advisory lock that transactions share which have written while nobody followed. Whoever begins to follow waits
 * for their end: they have noted nothing.
 */
export const UNNOTED_LOCK = '1702388577, 18'

/**
 * The table that triggers write, and what they are made of; none of it changes what is there.
 *
 * `gate` and `tickets` are sequences because what they hold is seen by every transaction at once, whatever its snapshot.
 */
export const OUTBOX_SQL = `CREATE SCHEMA IF NOT EXISTS express_cacheable;
GRANT USAGE ON SCHEMA express_cacheable TO PUBLIC;

-- What has been written, a row for each statement: of the rows only the columns by which answers are found.
CREATE TABLE IF NOT EXISTS express_cacheable.changes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  schema_name text,
  table_name text,
  kind text NOT NULL,
  images jsonb,
  written_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- Who follows: a row for each Redis, with the process that does it at the moment.
CREATE TABLE IF NOT EXISTS express_cacheable.followers (
  name text PRIMARY KEY,
  holder text NOT NULL,
  backend integer NOT NULL,
  held_until timestamptz NOT NULL,
  is_busy boolean NOT NULL DEFAULT false,
  acknowledged bigint
);

-- What one of several followers has read, and others have not.
CREATE TABLE IF NOT EXISTS express_cacheable.passed (
  id bigint,
  name text,
  PRIMARY KEY (id, name)
);

-- Until when triggers write, in seconds since 1970: while nobody follows, nothing grows.
CREATE SEQUENCE IF NOT EXISTS express_cacheable.gate MINVALUE 0 START 0;
GRANT SELECT ON express_cacheable.gate TO PUBLIC;

-- Numbers in the order of time: what was committed before one was drawn is seen by whoever reads after it.
CREATE SEQUENCE IF NOT EXISTS express_cacheable.tickets;

-- Writes for anybody; all that it can do is have answers evicted.
CREATE OR REPLACE FUNCTION express_cacheable.write_change(schema_name text, table_name text, kind text, images jsonb)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
  INSERT INTO express_cacheable.changes (schema_name, table_name, kind, images)
  VALUES (write_change.schema_name, write_change.table_name, write_change.kind, write_change.images);
  -- Of transactions that notify, PostgreSQL commits one at a time: whoever has much to read looks by itself. And none that
  -- has notified anybody can be prepared.
  IF current_setting('max_prepared_transactions') = '0' AND EXISTS (
    SELECT FROM express_cacheable.followers f WHERE NOT f.is_busy AND f.held_until > clock_timestamp())
  THEN
    PERFORM pg_notify('${CHANNEL}', '');
  END IF;
END $function$;

CREATE OR REPLACE FUNCTION express_cacheable.is_followed()
RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
  IF (SELECT last_value FROM express_cacheable.gate) > extract(epoch FROM clock_timestamp()) THEN
    RETURN true;
  END IF;
  -- Whoever begins to follow opens the gate, and then waits until nobody has this lock.
  PERFORM pg_advisory_xact_lock_shared(${UNNOTED_LOCK});
  RETURN (SELECT last_value FROM express_cacheable.gate) > extract(epoch FROM clock_timestamp());
END $function$;

-- Runs with the rights of whoever writes: the columns' own functions are called in it. Its arguments are columns.
CREATE OR REPLACE FUNCTION express_cacheable.note()
RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
  fields text;
  source text;
  found jsonb;
  number bigint;
  most CONSTANT bigint := ${MOST_IMAGES};
  images jsonb := '[]';
BEGIN
  IF NOT express_cacheable.is_followed() THEN
    RETURN NULL;
  END IF;
  IF TG_OP = 'TRUNCATE' THEN
    PERFORM express_cacheable.write_change(TG_TABLE_SCHEMA, TG_TABLE_NAME, 'truncate', NULL);
    RETURN NULL;
  END IF;
  BEGIN
    SELECT string_agg(format('%L, r.%I::text', name, name), ', ') INTO fields FROM unnest(TG_ARGV) AS name;
    FOREACH source IN ARRAY CASE TG_OP
      WHEN 'INSERT' THEN ARRAY['new_rows']
      WHEN 'DELETE' THEN ARRAY['old_rows']
      ELSE ARRAY['old_rows', 'new_rows'] END
    LOOP
      EXECUTE format(
        'SELECT count(*), jsonb_agg(image) FROM (SELECT jsonb_build_object(%s) AS image FROM %I AS r LIMIT %s) AS one',
        fields, source, most + 1) INTO number, found;
      IF number > most THEN
        images := NULL;
        EXIT;
      END IF;
      -- Most updates change none of these columns.
      IF number > 0 AND found <> images THEN
        images := images || found;
      END IF;
    END LOOP;
  EXCEPTION WHEN OTHERS THEN
    -- A column is gone or is called otherwise: what was written is not known, and nobody is kept from writing.
    images := NULL;
  END;
  IF images IS NULL OR pg_column_size(images) > ${MOST_BYTES} THEN
    PERFORM express_cacheable.write_change(TG_TABLE_SCHEMA, TG_TABLE_NAME, 'any', NULL);
  ELSIF jsonb_array_length(images) > 0 THEN
    PERFORM express_cacheable.write_change(TG_TABLE_SCHEMA, TG_TABLE_NAME, 'rows', images);
  END IF;
  RETURN NULL;
END $function$;
REVOKE ALL ON FUNCTION express_cacheable.note() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION express_cacheable.is_followed(), express_cacheable.write_change(text, text, text, jsonb)
  TO PUBLIC;
`

/** Lets a role follow that has not made it all. */
export function grantSql(role: string): string {
  const to = quotedName(role)
  return `GRANT SELECT, UPDATE, DELETE ON express_cacheable.changes TO ${to};
GRANT SELECT, INSERT, UPDATE, DELETE ON express_cacheable.passed TO ${to};
GRANT SELECT, INSERT, UPDATE, DELETE ON express_cacheable.followers TO ${to};
GRANT SELECT, UPDATE ON express_cacheable.gate, express_cacheable.tickets TO ${to};
`
}

/** Says when tables, columns or indexes change, and materialized views. Only a superuser may make it. */
export const OUTBOX_DDL_SQL = `CREATE OR REPLACE FUNCTION express_cacheable.note_ddl()
RETURNS event_trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
  IF TG_EVENT = 'sql_drop' THEN
    PERFORM FROM pg_event_trigger_dropped_objects()
    WHERE NOT is_temporary AND schema_name IS DISTINCT FROM '${OWN_SCHEMA}' AND schema_name !~ '^pg_t(emp|oast)';
  ELSE
    PERFORM FROM pg_event_trigger_ddl_commands()
    WHERE schema_name IS DISTINCT FROM '${OWN_SCHEMA}' AND schema_name IS DISTINCT FROM 'pg_temp'
      AND command_tag NOT IN ('GRANT', 'REVOKE', 'COMMENT', 'SECURITY LABEL', 'ALTER DEFAULT PRIVILEGES');
  END IF;
  IF FOUND AND express_cacheable.is_followed() THEN
    PERFORM express_cacheable.write_change(NULL, NULL, 'ddl', NULL);
  END IF;
END $function$;
DROP EVENT TRIGGER IF EXISTS express_cacheable_outbox_ddl;
CREATE EVENT TRIGGER express_cacheable_outbox_ddl ON ddl_command_end EXECUTE FUNCTION express_cacheable.note_ddl();
ALTER EVENT TRIGGER express_cacheable_outbox_ddl ENABLE ALWAYS;
DROP EVENT TRIGGER IF EXISTS express_cacheable_outbox_drop;
CREATE EVENT TRIGGER express_cacheable_outbox_drop ON sql_drop
  EXECUTE FUNCTION express_cacheable.note_ddl();
ALTER EVENT TRIGGER express_cacheable_outbox_drop ENABLE ALWAYS;
`

/** Takes the outbox away, once no table has triggers. */
export const DROP_OUTBOX_SQL = `DROP SCHEMA IF EXISTS ${OWN_SCHEMA} CASCADE;
`
