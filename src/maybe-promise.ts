/**
 * What is known at once, or will be. Written as async functions are, but without a turn of the event loop where
 * nothing has to be waited for: a generator in place of `async`, `yield* wait(…)` in place of `await`.
 */
export type MaybePromise<Value> = Value | Promise<Value>

export type Steps<Value> = Generator<Promise<unknown>, Value, unknown>

/** Never throws: an error is a rejected promise, so that it cannot orphan those that are under way beside it. */
export function run<Value>(steps: Steps<Value>): MaybePromise<Value> {
  function go(on: () => IteratorResult<Promise<unknown>, Value>): MaybePromise<Value> {
    try {
      const { done, value } = on()
      return done
        ? value
        : value.then(
            (result) => go(() => steps.next(result)),
            (error: unknown) => go(() => steps.throw(error)),
          )
    } catch (error) {
      return Promise.reject(error)
    }
  }
  return go(() => steps.next())
}

export function* wait<Value>(value: MaybePromise<Value>): Steps<Value> {
  // What `run` hands back is what the promise has become.
  return value instanceof Promise ? ((yield value) as Value) : value
}

export function all<Value>(values: readonly MaybePromise<Value>[]): MaybePromise<readonly Value[]> {
  return values.every(isKnown) ? values : Promise.all(values)
}

function isKnown<Value>(value: MaybePromise<Value>): value is Value {
  return !(value instanceof Promise)
}
