import type { StandardSchemaV1 } from '@standard-schema/spec'

/**
 * Every event there is: topics, their types, and for each type the schema of its payload (Valibot, Zod, ArkType and
 * others; https://standardschema.dev), or `true` for any object.
 *
 * @example
 * const events = { 'user.events': { USER_CREATED: object({ userId: number() }), USER_DELETED: true } }
 */
export type EventCatalogue = Readonly<Record<string, Readonly<Record<string, StandardSchemaV1 | true>>>>
