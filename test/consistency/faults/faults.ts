import { setTimeout as sleep } from 'node:timers/promises'
import type { Crew } from '../run-processes.js'
import { OTHERS_KNOW_WITHIN_MS, type RedisState } from './excepted-writes.js'
import type { FaultName } from './fault-names.js'
import type { RedisUnderFaults } from './redis-under-faults.js'

/** What a fault has to do with. */
interface Scene {
  readonly redis: RedisUnderFaults
  readonly crew: Crew
  /** How long the fault lasts. */
  readonly lastsMs: number
  /** Ends it early. */
  readonly ending: AbortSignal
}

/** From its begin to when all is as before but for what the processes make of it. */
type Fault = (scene: Scene) => Promise<void>

/** How Redis is meanwhile; in trouble in all others. */
export const REDIS_IN: Readonly<Partial<Record<FaultName, RedisState>>> = {
  'cut-of-one': 'well',
  alone: 'well',
  'death-alone': 'well',
  'out-of-memory': 'full',
}

/** Each in its own words; whatever happens meanwhile, it has an end. */
export const FAULT: Readonly<Record<FaultName, Fault>> = {
  freeze: (scene) => during(scene, scene.redis.freeze(), () => scene.redis.thaw()),

  async 'death-in-freeze'(scene) {
    const { redis, crew } = scene
    await during(scene, redis.freeze(), async () => {
      await crew.replaceOne(crew.one())
      await redis.thaw()
    })
  },

  cut: ({ redis }) => redis.cutAll(),

  async 'cut-of-one'(scene) {
    await alone({ ...scene, lastsMs: 0 })
  },

  alone,

  async 'death-alone'(scene) {
    const { crew } = scene
    const worker = crew.one()
    worker.sever()
    await goOn(scene, scene.lastsMs)
    await crew.replaceOne(worker)
    await goOn(scene, OTHERS_KNOW_WITHIN_MS)
  },

  'too-few-replicas': (scene) =>
    during(scene, scene.redis.configure('min-replicas-to-write', 1), () =>
      scene.redis.configure('min-replicas-to-write', 0),
    ),

  'cannot-save': (scene) => during(scene, scene.redis.breakSaving(), () => scene.redis.mendSaving()),

  demotion: (scene) => during(scene, scene.redis.demote(), () => scene.redis.promote()),

  'out-of-memory': (scene) =>
    during(scene, scene.redis.configure('maxmemory', 1), () => scene.redis.configure('maxmemory', 0)),

  'restart-without-data': (scene) =>
    during(scene, scene.redis.kill(), () => scene.redis.startAgain('without data')),

  'restart-with-data': (scene) =>
    during(scene, scene.redis.shutDown(), () => scene.redis.startAgain('with what is saved')),

  /** What was acknowledged since is lost with the process. */
  async 'restart-with-older-data'(scene) {
    await during(scene, scene.redis.save(), async () => {
      await scene.redis.kill()
      await scene.redis.startAgain('with what is saved')
    })
  },
}

async function during(scene: Scene, begin: Promise<unknown>, end: () => Promise<unknown>): Promise<void> {
  await begin
  await goOn(scene, scene.lastsMs)
  await end()
}

/** Nothing else happens before it is back: the bound of the others' old answers is for this alone. */
async function alone(scene: Scene): Promise<void> {
  const worker = scene.crew.one()
  worker.sever()
  await goOn(scene, scene.lastsMs)
  const isBack = await worker.mend()
  if (!isBack) await goOn(scene, OTHERS_KNOW_WITHIN_MS)
}

async function goOn({ ending }: Pick<Scene, 'ending'>, ms: number): Promise<void> {
  await sleep(ms, undefined, { signal: ending }).catch(() => {})
}
