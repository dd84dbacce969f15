export const WIDTH = 880
export const HEAD = 48

export const INK = '#1f2328'
export const PALE_INK = '#59636e'
export const GRID = '#d1d9e0'

const FOOTER_LINE = 14
/** That a line of the footer takes at most. */
const FOOTER_LETTERS = 112

/** What all pictures have: a ground of their own, since a page may be dark, the title, and where the figures are from. */
export function frameOf(title: string, footer: string) {
  const option = {
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: 'system-ui, sans-serif', color: INK },
    title: [
      { text: title, left: 16, top: 14, textStyle: { fontSize: 16, color: INK } },
      {
        text: footer,
        left: 16,
        bottom: 10,
        textStyle: {
          fontSize: 11,
          lineHeight: FOOTER_LINE,
          fontWeight: 'normal',
          color: PALE_INK,
          width: WIDTH - 150,
          overflow: 'break',
        },
      },
    ],
  }
  return { option, foot: 30 + Math.ceil(footer.length / FOOTER_LETTERS) * FOOTER_LINE }
}
