import { DecoratorHandler, type Dispatcher } from 'undici'

/** The call was never sent: no connection could be made, or the request ended before there was one. */
export class NotSent extends Error {
  override readonly name = 'NotSent'
}

type Options = Dispatcher.RequestOptions & { readonly signal: AbortSignal }

/**
 * Sends one request, and resolves with the head of its answer. Throws NotSent, with the reason as its cause,
 * when nothing was written to a connection. Otherwise throws the error of undici, or the reason of the
 * signal. undici notices a signal only once it has a connection, so the wait for a connection is ended here.
 */
export async function send(dispatcher: Dispatcher, options: Options): Promise<Dispatcher.ResponseData> {
  let isSent = false
  const noting = (handler: Dispatcher.DispatchHandler): Dispatcher.DispatchHandler =>
    Object.assign(new DecoratorHandler(handler), {
      onRequestStart(controller: Dispatcher.DispatchController, context: unknown) {
        // undici does not write a request whose signal is already aborted.
        isSent = !options.signal.aborted
        handler.onRequestStart?.(controller, context)
      },
    })
  const noted = dispatcher.compose((dispatch) => (call, handler) => dispatch(call, noting(handler)))
  const gone = Promise.withResolvers<never>()
  const leave = () => gone.reject(options.signal.reason)
  options.signal.addEventListener('abort', leave)
  try {
    return await Promise.race([noted.request(options), gone.promise])
  } catch (error) {
    throw isSent ? error : new NotSent('no connection', { cause: error })
  } finally {
    options.signal.removeEventListener('abort', leave)
  }
}
