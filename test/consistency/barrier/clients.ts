import type { LightAnswer, LightClient } from '../../support/light-client.js'
import type { Random } from '../random.js'
import type { History, Question } from './history.js'
import { GROUPS, ITEMS, type Item, WRITES, type WriteKind } from './items.js'

/** What one client works with. */
export interface Client {
  readonly http: LightClient
  readonly history: History
  readonly random: Random
  /** Of the processes, as they are now. */
  readonly urls: () => readonly string[]
  readonly isStopping: () => boolean
  readonly readAnswered: (answer: LightAnswer, question: Question, fault: string | undefined) => void
  readonly writeAnswered: (answer: LightAnswer, kind: WriteKind) => void
  /** Nobody answered, or with an error. */
  readonly failed: (error: unknown) => void
}

const WRITES_OF_ALL = 0.1
/** After a write, at another process or the same: most read what they have written. */
const READS_AFTER = 2

/** Reads and writes, one after the other, until it is told to stop. */
export async function keepAsking(client: Client): Promise<void> {
  const { random, isStopping } = client
  while (!isStopping()) {
    if (!random.chance(WRITES_OF_ALL)) {
      await read(client, anyQuestion(random))
      continue
    }
    const rows = await write(client)
    for (let reads = random.below(READS_AFTER + 1); reads > 0 && rows.length > 0; reads--) {
      await read(client, questionAbout(random.oneOf(rows), random))
    }
  }
}

async function read(client: Client, question: Question): Promise<void> {
  const { http, history, random, urls } = client
  const path = question.kind === 'all' ? 'all' : `${question.kind}/${question.id}`
  const url = `${random.oneOf(urls())}/${path}`
  const promised = history.promised()
  try {
    const answer = await http.ask('GET', url)
    if (answer.status !== 200) throw new Error(`GET ${path} was answered ${answer.status}: ${answer.text}`)
    client.readAnswered(answer, question, history.faultOf(question, JSON.parse(answer.text), promised))
  } catch (error) {
    client.failed(error)
  }
}

/** @returns What was written, of which nothing older may be read from now on. */
async function write(client: Client): Promise<readonly Item[]> {
  const { http, history, random, urls } = client
  const id = 1 + random.below(ITEMS)
  const wanted = random.oneOf(WRITES)
  const kind = wanted === 'move' && !history.mayMove(id) ? 'update' : wanted
  const other = kind === 'move' ? random.below(GROUPS) : 1 + random.below(ITEMS)
  if (kind === 'move') history.moveBegins(id)
  try {
    const answer = await http.ask('PUT', `${random.oneOf(urls())}/${kind}/${id}/${other}`)
    if (answer.status !== 200) throw new Error(`PUT ${kind} was answered ${answer.status}: ${answer.text}`)
    const rows: Item[] = JSON.parse(answer.text)
    history.answered(rows)
    const [moved] = rows
    if (kind === 'move' && moved) history.moveEnds(id, moved.groupId)
    client.writeAnswered(answer, kind)
    return rows
  } catch (error) {
    client.failed(error)
    return []
  }
}

function anyQuestion(random: Random): Question {
  return questionAbout({ id: 1 + random.below(ITEMS), groupId: random.below(GROUPS) }, random)
}

function questionAbout({ id, groupId }: Pick<Item, 'id' | 'groupId'>, random: Random): Question {
  const luck = random.next()
  if (luck < 0.6) return { kind: 'item', id }
  return luck < 0.95 ? { kind: 'group', id: groupId } : { kind: 'all' }
}
