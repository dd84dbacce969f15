import { useEffect, useState } from 'preact/hooks'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const STORED = 'express-cacheable-theme'
const CHANGED = 'express-cacheable-theme'

export function readTheme(): Theme {
  try {
    const stored = localStorage.getItem(STORED)
    return THEMES.find((theme) => theme === stored) ?? 'system'
  } catch {
    // A browser may forbid it.
    return 'system'
  }
}

export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  try {
    if (theme === 'system') localStorage.removeItem(STORED)
    else localStorage.setItem(STORED, theme)
  } catch {
    // It lasts until the page is left.
  }
  dispatchEvent(new Event(CHANGED))
}

/** Another number whenever colours may be others: for those who draw on a canvas, which keeps what it was drawn with. */
export function useColourChanges(): number {
  const [changes, setChanges] = useState(0)
  useEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)')
    const changed = () => setChanges((before) => before + 1)
    dark.addEventListener('change', changed)
    addEventListener(CHANGED, changed)
    return () => {
      dark.removeEventListener('change', changed)
      removeEventListener(CHANGED, changed)
    }
  }, [])
  return changes
}
