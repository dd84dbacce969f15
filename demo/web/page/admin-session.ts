import type { Api } from './api.js'

const PATH = '/admin/session'

/** Lets the browser's own requests to the dashboard in, which carry no bearer token: it gets a cookie for /admin. */
export async function enterAdmin(api: Api): Promise<void> {
  await api.ask(PATH, { method: 'POST' })
}

/** Takes the cookie away again. Where nobody answers, it ends with the token in it. */
export async function leaveAdmin(): Promise<void> {
  await fetch(PATH, { method: 'DELETE' }).catch(() => undefined)
}
