import type { Random } from './random.ts'

type Format = (area: string, line: string) => string

/** Clever passes phones on as the SIS has them; 555-0100 to 555-0199 belong to nobody. */
const formats: readonly Format[] = [
  (area, line) => `(${area}) 555-${line}`,
  (area, line) => `${area}-555-${line}`,
  (area, line) => `${area}.555.${line}`,
  (area, line) => `${area}555${line}`,
  (area, line) => `1${area}555${line}`,
  (area, line) => `1-${area}-555-${line}`,
  (area, line) => `1-(${area}) 555-${line}`,
  (area, line) => `+1 ${area} 555 ${line}`,
  (area, line) => `+1${area}555${line}`,
  (area, line) => `${area} 555 ${line}`,
  (area, line) => `(${area})555-${line}`,
  (area, line) => `${area}-555-${line} x${line.slice(2)}`,
  (_, line) => `555-${line}`,
]

export function inventPhone(random: Random): string {
  const area = String(201 + random.below(788))
  const line = `01${String(random.below(100)).padStart(2, '0')}`
  return random.pick(formats)(area, line)
}
