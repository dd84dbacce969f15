import { fileURLToPath } from 'node:url'

/** The directory of package.json, seen from build/test/support. */
export const PROJECT_ROOT = fileURLToPath(new URL('../../../', import.meta.url))
