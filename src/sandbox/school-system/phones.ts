import type { Random } from './random.ts'

type Format = (area: string, line: string) => string

/** Clever passes phones on as the SIS has them. The numbers 555-0100 to 555-0199 are not assigned. */
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

/**
 * The next number in the same format. The first number follows the hundredth. Returns an unassigned number if
 * given none, or one that may be assigned.
 */
export function nextPhone(phone: string): string {
  if (!invented.test(phone)) return '(201) 555-0100'
  return phone.replace(
    invented,
    (_, start: string, last: string) => start + twoDigits((Number(last) + 1) % 100),
  )
}

const invented = /(555\D*01)(\d\d)/
const twoDigits = (value: number) => String(value).padStart(2, '0')

export function inventPhone(random: Random): string {
  const area = String(201 + random.below(788))
  const line = `01${twoDigits(random.below(100))}`
  return random.pick(formats)(area, line)
}
