import type { Dispatcher } from 'undici'
import { type Body, BodyCollector } from './body.ts'
import type { Headers } from './rate-limit-headers.ts'

/** The call was never sent: no connection could be made, or the request ended before there was one. */
export class NotSent extends Error {
  override readonly name = 'NotSent'
}

/** Receives the head of an answer. Returns whether its body is wanted. */
export type OnHead = (statusCode: number, headers: Headers) => boolean

/** The connection of an unread body that is longer than this is not used again. Bytes. */
const MAX_UNREAD = 131_072

/**
 * Sends one request, and resolves with the body of its answer, or with undefined as soon as the body is known not to be wanted.
 * Throws NotSent, with the reason as its cause, when nothing was written to a connection. Otherwise throws the error of undici, or
 * the reason of the signal. This is the only listener of the signal: undici's own client adds three for each request.
 */
export async function send(
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions,
  signal: AbortSignal,
  onHead: OnHead,
): Promise<Body | undefined> {
  const exchange = new Exchange(signal, onHead)
  try {
    dispatcher.dispatch(options, exchange)
    return await exchange.body
  } catch (error) {
    throw exchange.isSent ? error : new NotSent('no connection', { cause: error })
  }
}

class Exchange implements Dispatcher.DispatchHandler {
  isSent = false
  readonly #signal: AbortSignal
  readonly #onHead: OnHead
  readonly #answer = Promise.withResolvers<Body | undefined>()
  /** undici notices nothing before it has a connection, so the wait for a connection is ended here. */
  readonly #leave = () => {
    this.#answer.reject(this.#signal.reason)
    this.#controller?.abort(this.#signal.reason)
  }
  #controller: Dispatcher.DispatchController | undefined
  /** Undefined if the body is not wanted. */
  #wanted: BodyCollector | undefined
  #unread = 0

  constructor(signal: AbortSignal, onHead: OnHead) {
    this.#signal = signal
    this.#onHead = onHead
    if (signal.aborted) this.#leave()
    else signal.addEventListener('abort', this.#leave)
  }

  get body(): Promise<Body | undefined> {
    return this.#answer.promise
  }

  onRequestStart(controller: Dispatcher.DispatchController) {
    this.#controller = controller
    // undici does not write a request that is aborted here.
    if (this.#signal.aborted) controller.abort(this.#signal.reason)
    else this.isSent = true
  }

  onResponseStart(_controller: Dispatcher.DispatchController, statusCode: number, headers: Headers) {
    if (statusCode < 200) return
    if (this.#onHead(statusCode, headers)) this.#wanted = new BodyCollector(Number(headers['content-length']))
    else this.#answer.resolve(undefined)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer) {
    if (this.#wanted !== undefined) {
      this.#wanted.add(chunk)
      return
    }
    this.#unread += chunk.length
    if (this.#unread > MAX_UNREAD) controller.abort(new Error('a long body that is not wanted'))
  }

  onResponseEnd() {
    this.#signal.removeEventListener('abort', this.#leave)
    this.#answer.resolve(this.#wanted?.body())
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error) {
    this.#signal.removeEventListener('abort', this.#leave)
    this.#answer.reject(error)
  }
}
