import { enableCompileCache } from 'node:module'
import { constants, setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import type { Body } from './body.ts'
import type { UserPage, UserPageQuestion } from './user-page.ts'

/** What the thread is started with. */
export interface PageWorkerData {
  /** The folder of compiled modules, if the process has one. */
  readonly compileCache: string | undefined
}

/** Reads large pages outside of the main thread. `page-reader.ts` is its other side. */
export interface PageJob {
  /** Returned with the result. */
  readonly number: number
  readonly body: Body
  readonly question: UserPageQuestion
}

/** Errors lose their class between threads. `message` names no value of the page. */
export type PageResult = { readonly number: number } & (
  | { readonly page: UserPage }
  | { readonly refusal: 'UNAVAILABLE' | 'INVALID'; readonly message: string }
)

yieldToMainThread()
const { compileCache } = workerData as PageWorkerData
if (compileCache !== undefined) enableCompileCache(compileCache)
// These modules are most of the start of the thread, so they are loaded with the low priority and from the cache.
const { CleverAnswerInvalid, CleverUnavailable } = await import('../model/clever-errors.ts')
const { joined } = await import('./body.ts')
const { buffersOf } = await import('./packed-rows.ts')
const { Pauses } = await import('./pauses.ts')
const { readAndFree } = await import('./user-page.ts')

/** Only for Linux: elsewhere, the shortest wait may be 15 ms. */
const pause = process.platform === 'linux' ? new Pauses().take : undefined

parentPort?.on('message', (job: PageJob) => {
  const result = read(job)
  parentPort?.postMessage(result, 'page' in result ? buffersOf(result.page.rows) : [])
})

/**
 * Where both threads have one processor, the main thread goes first. If it is always busy, this thread still gets a tenth of the
 * time: a gateway that lacks records would otherwise stay busy. On Linux, setpriority(2) is about the calling thread; elsewhere it
 * would be about the process. Where it is not allowed, pages are read as well.
 */
function yieldToMainThread() {
  if (process.platform !== 'linux') return
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {}
}

/** The collector would free the chunks of many pages together. Each is freed when it has been copied. */
function freeAndPause({ buffer }: Body[number]) {
  buffer.transfer(0)
  pause?.()
}

function read({ number, body, question }: PageJob): PageResult {
  try {
    return { number, page: readAndFree(joined(body, freeAndPause), question, pause) }
  } catch (error) {
    if (error instanceof CleverUnavailable) return { number, refusal: 'UNAVAILABLE', message: error.message }
    if (error instanceof CleverAnswerInvalid) return { number, refusal: 'INVALID', message: error.message }
    throw error
  }
}
