import { realTime } from '../../tools/real-time.js'
import { type Dictionary, dictionaryOf, packed } from './dictionary.js'
import type { KnownDictionaries } from './known-dictionaries.js'
import type { Proposal, Shelf } from './shelf.js'
import { TrainingSet } from './training-set.js'

/** Whose answers are packed with a dictionary of their own. */
export interface PackedRule {
  /** The same in all processes. */
  readonly name: string
  /** Whether its dictionary may have values, and not only the names of fields. */
  readonly takesValues: boolean
}

/** A dictionary is said to be in use so often: one that Redis has lost is there again, and another is heard of. */
const LOOK_EVERY_MS = 15_000
const LEAST_LIFETIME_MS = 3_600_000
/** What answers have in common may be too little. */
const LEAST_DICTIONARY_BYTES = 100
/** Values of which the sum is taken before it is judged whether they still fit. */
const WINDOW = 256
/** By how much more a window may take than the first one did, as a share of what it holds. */
const MUCH_WORSE = 1.3
/** By how much a new dictionary has to be better than the old one. */
const BETTER = 0.9
/** How many values are passed over where there was nothing to learn, or it could not be kept. */
const REST = 1_024
const TRIED_VALUES = 16

interface Sum {
  readonly values: number
  readonly plain: number
  readonly packed: number
}

const NOTHING: Sum = { values: 0, plain: 0, packed: 0 }

/** The dictionary of one rule: the one that all processes agree on, and until there is one, the learning of it. */
export class RuleDictionary {
  readonly #rule: PackedRule
  readonly #known: KnownDictionaries
  readonly #shelf: Shelf
  #current: Dictionary | null = null
  /** The one agreed on, whose bytes are lost. */
  #lostId: string | null = null
  #training: TrainingSet | null
  #recent: Buffer[] = []
  #window = NOTHING
  #firstShare: number | null = null
  #rest = 0
  #longestMs = 0
  #lookAt = 0
  #isBusy = false

  constructor(rule: PackedRule, known: KnownDictionaries, shelf: Shelf) {
    this.#rule = rule
    this.#known = known
    this.#shelf = shelf
    this.#training = new TrainingSet(rule.takesValues)
  }

  /** A value as it is to be stored. */
  pack(key: string, value: Buffer, ttlMs: number): Buffer {
    this.#longestMs = Math.max(this.#longestMs, ttlMs)
    if (realTime.now() >= this.#lookAt) this.#inBackground(() => this.#look())
    this.#learn(key, value)
    if (!this.#current) return value
    const smaller = packed(value, this.#current)
    this.#judge(value.length, smaller.length)
    return smaller
  }

  /** Forgets the answers that it learns from; and its dictionary, if that is known no more. */
  forget(): void {
    this.#recent = []
    if (this.#training) this.#training = new TrainingSet(this.#rule.takesValues)
    if (this.#current && !this.#known.atHand(this.#current.id)) this.#adopt(null)
  }

  get #lifetimeMs(): number {
    return Math.max(LEAST_LIFETIME_MS, 2 * this.#longestMs)
  }

  #learn(key: string, value: Buffer): void {
    if (this.#rest > 0) this.#rest -= 1
    const training = this.#training
    if (!training || this.#rest > 0) return
    if (training.isComplete) {
      this.#inBackground(() => this.#train(training).catch(() => this.#takeRest()))
      return
    }
    training.add(key, value)
    this.#recent = [value, ...this.#recent].slice(0, TRIED_VALUES)
  }

  /** One thing at a time. What fails is tried again later, and until then values stay as they are. */
  #inBackground(act: () => Promise<void>): void {
    if (this.#isBusy) return
    this.#isBusy = true
    void act()
      .catch(() => {})
      .then(() => {
        this.#isBusy = false
        this.#lookAt = realTime.now() + LOOK_EVERY_MS
      })
  }

  #takeRest(): void {
    this.#rest = REST
  }

  /** Keeps the dictionary that is in use, and takes the one that the others have. */
  async #look(): Promise<void> {
    const current = this.#current
    if (current) await this.#shelf.keep(current, this.#lifetimeMs)
    await this.#agree(current && { id: current.id, replaced: null })
  }

  async #train(training: TrainingSet): Promise<void> {
    const old = this.#current
    const bytes = await training.dictionary()
    // Some of what it was learned from has been forgotten meanwhile.
    if (this.#training !== training) return
    const trained = bytes.length < LEAST_DICTIONARY_BYTES ? null : dictionaryOf(bytes)
    if (!trained || (old && !isBetter(trained, old, this.#recent))) {
      this.#stopLearning(old === null)
      return
    }
    // What is packed with it can be read from then on.
    await this.#shelf.keep(trained, this.#lifetimeMs)
    this.#known.add(trained)
    await this.#agree({ id: trained.id, replaced: old?.id ?? this.#lostId })
  }

  async #agree(proposal: Proposal | null): Promise<void> {
    const id = await this.#shelf.agree(this.#rule.name, proposal, this.#lifetimeMs)
    if (id === null || id === this.#current?.id) return
    const agreed = await this.#known.find(id)
    this.#lostId = agreed ? null : id
    if (agreed) this.#adopt(agreed)
  }

  #adopt(dictionary: Dictionary | null): void {
    this.#current = dictionary
    this.#firstShare = null
    this.#window = NOTHING
    this.#stopLearning(dictionary === null)
  }

  /** @param isToBegin - Whether answers are learned from all the same, after a rest. */
  #stopLearning(isToBegin: boolean): void {
    this.#training = isToBegin ? new TrainingSet(this.#rule.takesValues) : null
    this.#recent = []
    this.#rest = isToBegin ? REST : 0
  }

  /** Answers change, and then have something else in common. */
  #judge(plain: number, smaller: number): void {
    const { values, plain: plainSum, packed: packedSum } = this.#window
    this.#window = { values: values + 1, plain: plainSum + plain, packed: packedSum + smaller }
    if (this.#window.values < WINDOW) return
    const share = this.#window.packed / this.#window.plain
    this.#window = NOTHING
    this.#firstShare ??= share
    if (share > MUCH_WORSE * this.#firstShare) {
      this.#training ??= new TrainingSet(this.#rule.takesValues)
      this.#firstShare = share
    }
  }
}

function isBetter(one: Dictionary, other: Dictionary, values: readonly Buffer[]): boolean {
  const sizeWith = (dictionary: Dictionary) =>
    values.reduce((sum, value) => sum + packed(value, dictionary).length, 0)
  return sizeWith(one) < BETTER * sizeWith(other)
}
