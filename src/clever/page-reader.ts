import { getCompileCacheDir } from 'node:module'
import { dirname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Clock } from '../clock.ts'
import { CleverAnswerInvalid, CleverUnavailable } from '../model/clever-errors.ts'
import { type Body, joined, lengthOf } from './body.ts'
import type { PageJob, PageResult, PageWorkerData } from './page-worker.ts'
import { readAndFree, type UserPage, type UserPageQuestion } from './user-page.ts'

/** Bytes. A smaller page, of some 100 rows, takes about a millisecond, which is less than to send it to a worker. */
const MIN_FOR_WORKER = 64_000
/**
 * Bytes. A smaller page, of some 1,000 rows, takes 5 to 30 ms, which is less than a worker needs to start. A worker that was started
 * reads it.
 */
const MIN_TO_START_WORKER = 640_000
/** While the worker reads one page, the next is at hand. */
const JOBS_AT_ONCE = 2
/** A worker without pages ends after this time, which frees its heap of some 30 MB. ms */
export const IDLE_MS = 5_000

interface Job {
  readonly body: Body
  /** Bytes of the body. */
  readonly length: number
  readonly question: UserPageQuestion
  readonly resolve: (page: UserPage) => void
  readonly reject: (error: Error) => void
}

/**
 * Reads pages of users. A large page is read by a worker thread, so that the main thread keeps answering requests. The
 * worker starts when a large page is expected or comes, and ends when no more have come for a while. It reads the smallest page
 * first. A page with few wanted rows is read by the main thread, in 10 to 20 ms if it has 10,000: a worker would need longer to start.
 */
export class PageReader {
  readonly #clock: Clock
  #worker: Worker | undefined
  /** Smallest first. */
  readonly #waiting: Job[] = []
  /** The jobs that the worker has, by their number. */
  readonly #sent = new Map<number, Job>()
  #lastNumber = 0
  /** Aborted when a page comes. */
  #idle = new AbortController()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether a worker has been started and has not ended. */
  get hasWorker(): boolean {
    return this.#worker !== undefined
  }

  /** Large pages will come soon: starts the worker, which takes some 60 ms of processor time. */
  expectLargePages() {
    if (this.#worker !== undefined) return
    try {
      this.#worker = this.#start()
    } catch {
      // Where no thread can be started, the first large page fails, and says why.
      return
    }
    this.#endWhenIdle()
  }

  /**
   * The body must not be used any more. Throws CleverUnavailable for a body that is not JSON, and CleverAnswerInvalid for one
   * that is not a list.
   */
  async read(body: Body, question: UserPageQuestion): Promise<UserPage> {
    const min = this.#worker === undefined ? MIN_TO_START_WORKER : MIN_FOR_WORKER
    const length = lengthOf(body)
    if (length < min || question.wanted !== undefined) return readAndFree(joined(body), question)
    this.#worker ??= this.#start()
    return new Promise((resolve, reject) => {
      this.#add({ body, length, question, resolve, reject })
    })
  }

  /** Ends the worker. Pages that it has not read yet fail. */
  async close() {
    const worker = this.#worker
    if (worker === undefined) return
    this.#fail(worker, new Error('closed'), this.#waiting.splice(0))
    await worker.terminate()
  }

  #add(job: Job) {
    this.#idle.abort()
    const place = this.#waiting.findIndex(({ length }) => length > job.length)
    this.#waiting.splice(place < 0 ? this.#waiting.length : place, 0, job)
    this.#send()
  }

  #send() {
    while (this.#sent.size < JOBS_AT_ONCE) {
      const job = this.#waiting.shift()
      if (job === undefined) return
      try {
        this.#sent.set(this.#post(job), job)
      } catch (cause) {
        job.reject(failure(cause))
        if (this.#sent.size === 0) this.#endWhenIdle()
      }
    }
  }

  /** Returns the number of the job. Throws if there is no memory, or no thread can be started. */
  #post({ body, question }: Job): number {
    this.#worker ??= this.#start()
    const number = this.#lastNumber + 1
    const job: PageJob = { number, body, question }
    this.#worker.postMessage(
      job,
      body.map(({ buffer }) => buffer),
    )
    this.#worker.ref()
    this.#lastNumber = number
    return number
  }

  #start(): Worker {
    // Without the options of the process, such as an SDK for traces.
    const cache = getCompileCacheDir()
    // Node adds a folder for its version.
    const workerData: PageWorkerData = { compileCache: cache && dirname(cache) }
    const worker = new Worker(new URL('./page-worker.ts', import.meta.url), {
      execArgv: [],
      env: {},
      workerData,
    })
    worker.unref()
    worker.on('message', (result: PageResult) => {
      this.#settle(result)
      if (this.#sent.size === 0) this.#endWhenIdle()
    })
    worker.once('error', (error) => this.#fail(worker, error))
    return worker
  }

  #settle(result: PageResult) {
    const job = this.#sent.get(result.number)
    this.#sent.delete(result.number)
    if ('page' in result) job?.resolve(result.page)
    else job?.reject(errorOf(result))
    this.#send()
  }

  #endWhenIdle() {
    this.#worker?.unref()
    this.#idle.abort()
    this.#idle = new AbortController()
    this.#clock.sleep(IDLE_MS, this.#idle.signal).then(
      () => this.close(),
      () => {},
    )
  }

  /** A worker that has failed, for lack of memory for example, is replaced with the next page. */
  #fail(worker: Worker, cause: unknown, unsent: readonly Job[] = []) {
    if (this.#worker !== worker) return
    this.#idle.abort()
    this.#worker = undefined
    const failed = [...this.#sent.values(), ...unsent]
    this.#sent.clear()
    for (const { reject } of failed) reject(failure(cause))
    this.#send()
  }
}

function failure(cause: unknown): CleverUnavailable {
  const { code, name }: NodeJS.ErrnoException = cause instanceof Error ? cause : new Error()
  return new CleverUnavailable(`the thread that reads pages has failed: ${code ?? name}`)
}

function errorOf({ refusal, message }: Extract<PageResult, { readonly refusal: string }>): Error {
  return refusal === 'INVALID' ? new CleverAnswerInvalid(message) : new CleverUnavailable(message)
}
