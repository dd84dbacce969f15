/**
 * What libraries of schemas (Zod, Valibot, ArkType and others) have in common, as far as it is used here:
 * https://standardschema.dev.
 */
export interface StandardSchema {
  readonly '~standard': {
    readonly validate: (value: unknown) => SchemaResult | Promise<SchemaResult>
  }
}

interface SchemaResult {
  /** There are none if the value fits. */
  readonly issues?: readonly unknown[] | undefined
}
