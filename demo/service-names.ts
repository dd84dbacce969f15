/** The services of the CRM, in the order in which people list them. */
export const SERVICE_NAMES = ['auth', 'customer', 'sales-activity', 'opportunity', 'analytics'] as const

export type ServiceName = (typeof SERVICE_NAMES)[number]
