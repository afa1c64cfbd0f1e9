import { parentPort } from 'node:worker_threads'
import { CleverAnswerInvalid, CleverUnavailable } from '../model/clever-errors.ts'
import { readUserPage, type UserPage, type UserPageQuestion } from './user-page.ts'

/** Reads large pages outside of the main thread. `page-reader.ts` is its other side. */
export interface PageJob {
  readonly body: ArrayBuffer
  readonly question: UserPageQuestion
}

/** Errors lose their class between threads. `message` names no value of the page. */
export type PageResult =
  | { readonly page: UserPage }
  | { readonly refusal: 'UNAVAILABLE' | 'INVALID'; readonly message: string }

/** READY comes first, once. */
export type WorkerMessage = 'READY' | PageResult

const send = (message: WorkerMessage) => parentPort?.postMessage(message)
parentPort?.on('message', (job: PageJob) => send(read(job)))
send('READY')

function read({ body, question }: PageJob): PageResult {
  try {
    return { page: readUserPage(body, question) }
  } catch (error) {
    if (error instanceof CleverUnavailable) return { refusal: 'UNAVAILABLE', message: error.message }
    if (error instanceof CleverAnswerInvalid) return { refusal: 'INVALID', message: error.message }
    throw error
  }
}
