import { ownPackages } from '../own-packages.js'

/** The packages that are compared with. */
export const peers = ownPackages('peers', 'the packages to compare with')
