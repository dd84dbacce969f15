import { renderMermaidSVG } from 'beautiful-mermaid'

/** Draws ```mermaid while the site is built, in the colours of the theme: no script of it is sent. */
export function drawDiagrams(md) {
  const others = md.renderer.rules.fence
  md.renderer.rules.fence = (tokens, index, ...rest) => {
    const { info, content } = tokens[index]
    if (info.trim() !== 'mermaid') return others(tokens, index, ...rest)
    const svg = renderMermaidSVG(content, {
      bg: 'var(--vp-c-bg)',
      fg: 'var(--vp-c-text-1)',
      accent: 'var(--vp-c-brand-1)',
      transparent: true,
    })
    return `<figure class="diagram" v-pre>${svg}</figure>`
  }
}
