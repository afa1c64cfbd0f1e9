import type { Random } from './random.ts'

/** Makes ids like MongoDB's ObjectId: 4 bytes of seconds, 5 of a process, 3 of a counter; each call ascends. */
export type ObjectIds = () => string

export interface ObjectIdSpan {
  /** Unix seconds of the first and, about, the last id. */
  readonly from: number
  readonly to: number
  /** How many ids will be made. They are spread over the span, with gaps. */
  readonly expected: number
}

export function createObjectIds(random: Random, { from, to, expected }: ObjectIdSpan): ObjectIds {
  const meanStep = (to - from) / Math.max(1, expected)
  let seconds = from
  let process = ''
  let counter = 0
  return () => {
    seconds += 1 + 2 * meanStep * random.next()
    if (process === '' || random.chance(0.02)) {
      process = hex(random.below(2 ** 20), 5) + hex(random.below(2 ** 20), 5)
      counter = random.below(2 ** 20)
    }
    counter = (counter + 1 + random.below(9)) % 2 ** 24
    return hex(Math.floor(seconds), 8) + process + hex(counter, 6)
  }
}

/** `value` in lower-case hexadecimal, at least `width` characters. */
export function hex(value: number, width: number): string {
  return value.toString(16).padStart(width, '0')
}
