/**
 * Whether a hit is to be reloaded although it is fresh (XFetch: Vattani, Chierichetti and Lowenstein, "Optimal
 * Probabilistic Cache Stampede Prevention", 2015, with beta 1): the more likely, the longer a load takes and the less
 * is left.
 *
 * @param random - In [0, 1).
 */
export function isDueEarly(freshForMs: number, loadMs: number, random: number): boolean {
  return -loadMs * Math.log(1 - random) >= freshForMs
}
