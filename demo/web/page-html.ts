import { USERS } from '../people.js'

/** The first one is for whoever understands none of them. */
export const LANGUAGES = ['en', 'ja'] as const
export type PageLanguage = (typeof LANGUAGES)[number]

/** What the page is to know of this demo. */
export interface PageSetup {
  readonly password: string | null
  readonly dashboard: string
}

const WITHOUT_SCRIPTS: Readonly<Record<PageLanguage, string>> = {
  en: 'This page needs JavaScript.',
  ja: 'このページには JavaScript が必要です。',
}

/** The document, which has no content of its own: a script fills it from the API. */
export function pageIn(language: PageLanguage, setup: PageSetup): string {
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>CRM · express-cacheable</title>
<link rel="icon" href="/web/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/web/app.css">
<script type="module" src="/web/app.js"></script>
</head>
<body>
<div id="app" data-setup="${escapeAttribute(JSON.stringify({ people: USERS, ...setup }))}"></div>
<noscript>${WITHOUT_SCRIPTS[language]}</noscript>
</body>
</html>
`
}

function escapeAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
}
