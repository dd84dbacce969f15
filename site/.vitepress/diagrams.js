import { renderMermaidSVG } from 'beautiful-mermaid'

const STYLE_SHEET = /<style>.*?<\/style>\s*/s
const COLOURS = /svg \{([^}]*)\}/
const COMMENT = /\/\*.*?\*\//gs

/** Draws ```mermaid while the site is built, in the colours of the theme: no script of it is sent. */
export function drawDiagrams(md) {
  const others = md.renderer.rules.fence
  md.renderer.rules.fence = (tokens, index, ...rest) => {
    const { info, content } = tokens[index]
    if (info.trim() !== 'mermaid') return others(tokens, index, ...rest)
    return `<figure class="diagram" v-pre>${draw(content)}</figure>`
  }
}

/** The colours become an attribute: Vue leaves style sheets out of a page, and this one asks for a font elsewhere. */
function draw(diagram) {
  const svg = renderMermaidSVG(diagram, { bg: 'var(--vp-c-bg)', fg: 'var(--vp-c-text-1)', transparent: true })
  const colours = COLOURS.exec(svg)[1].replace(COMMENT, '').replace(/\s+/g, ' ').trim()
  return svg.replace(STYLE_SHEET, '').replace(' style="', ` style="${colours}`)
}
