/** Those who can sign in to a database that the demo has seeded. */
export const USERS = [
  { email: 'admin@crm.example', name: 'Ada Admin', role: 'admin' },
  { email: 'rep1@crm.example', name: 'Rita Rep', role: 'sales' },
  { email: 'rep2@crm.example', name: 'Rob Rep', role: 'sales' },
] as const
