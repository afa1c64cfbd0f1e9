/** A `fetch` that fails when nothing has arrived for some time, as on a connection from before a laptop slept. */
export function fetchWithSilenceLimit(limitMs: number): typeof fetch {
  return async (input, init) => {
    const silent = new AbortController()
    const signal = AbortSignal.any([silent.signal, ...(init?.signal ? [init.signal] : [])])
    let timer: ReturnType<typeof setTimeout> | undefined
    const stop = () => clearTimeout(timer)
    const watch = () => {
      stop()
      timer = setTimeout(() => silent.abort(), limitMs)
    }
    signal.addEventListener('abort', stop)
    watch()
    const response = await fetch(input, { ...init, signal }).finally(stop)
    if (!response.ok || response.body === null) return response
    watch()
    const watched = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        watch()
        controller.enqueue(chunk)
      },
      flush: stop,
    })
    return new Response(response.body.pipeThrough(watched), response)
  }
}
