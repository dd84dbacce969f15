declare module 'cluster-key-slot' {
  /** The slot of a name, 0 to 16,383. */
  export default function calculateSlot(name: string): number
}
