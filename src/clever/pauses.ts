/** ms */
const WORK_MS = 0.5
/** The shortest that there is: Linux adds some 0.07 ms. */
const PAUSE_MS = 0.001

/**
 * The pauses of a thread with long work. Linux takes a processor from a running thread at its next tick, which comes every 4 ms in
 * many kernels, whatever the priority of the thread that waits. With these pauses, the other thread waits for some 0.5 ms at most.
 */
export class Pauses {
  readonly #nothing = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  #since = performance.now()

  /** Pauses if the thread has worked for half a millisecond. Costs 0.05 µs otherwise. */
  readonly take = () => {
    if (performance.now() - this.#since < WORK_MS) return
    Atomics.wait(this.#nothing, 0, 0, PAUSE_MS)
    this.#since = performance.now()
  }
}
