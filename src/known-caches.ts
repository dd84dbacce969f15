/** What a process has made, of whichever copy of this package: an application may have two installed. */
const KNOWN = Symbol.for('express-cacheable:caches')

interface KnownCaches {
  readonly parts: Set<WeakRef<object>>
  /** Takes out what nobody uses any more. */
  readonly cleaned: FinalizationRegistry<WeakRef<object>>
}

/** Keeps what a cache is made of findable, for as long as somebody uses it. @returns A function that ends it. */
export function rememberCache(parts: object): () => void {
  const known = knownOfProcess()
  const reference = new WeakRef(parts)
  known.parts.add(reference)
  known.cleaned.register(parts, reference, reference)
  return () => {
    known.parts.delete(reference)
    known.cleaned.unregister(reference)
  }
}

/** The parts of all caches of this process that are not closed, in their order. */
export function rememberedCaches(): object[] {
  return [...knownOfProcess().parts].flatMap((reference) => reference.deref() ?? [])
}

function knownOfProcess(): KnownCaches {
  const shared = globalThis as { [KNOWN]?: KnownCaches }
  shared[KNOWN] ??= newKnown()
  return shared[KNOWN]
}

function newKnown(): KnownCaches {
  const parts = new Set<WeakRef<object>>()
  return { parts, cleaned: new FinalizationRegistry((reference) => parts.delete(reference)) }
}
