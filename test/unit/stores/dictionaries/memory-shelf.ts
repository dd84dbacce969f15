import type { Dictionary } from '#src/stores/dictionaries/dictionary.js'
import type { Proposal, Shelf } from '#src/stores/dictionaries/shelf.js'

/** What processes share, without Redis. */
export class MemoryShelf implements Shelf {
  readonly kept = new Map<string, Buffer>()
  readonly agreed = new Map<string, string>()
  isDown = false
  finds = 0

  async find(id: string): Promise<Buffer | null> {
    this.#answer()
    this.finds += 1
    return this.kept.get(id) ?? null
  }

  async keep({ id, bytes }: Dictionary): Promise<void> {
    this.#answer()
    this.kept.set(id, bytes)
  }

  async agree(rule: string, proposal: Proposal | null): Promise<string | null> {
    this.#answer()
    const agreed = this.agreed.get(rule) ?? null
    if (!proposal || (agreed !== null && agreed !== proposal.replaced)) return agreed
    this.agreed.set(rule, proposal.id)
    return proposal.id
  }

  async drop(id: string): Promise<void> {
    this.#answer()
    this.kept.delete(id)
  }

  #answer(): void {
    if (this.isDown) throw new Error('the shelf does not answer')
  }
}
