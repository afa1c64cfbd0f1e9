const TIME =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/
const DAYS_OF_MONTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Whether a text is a date and a time of ISO 8601 with an offset, on a day that exists. */
export function isIsoTime(text: string): boolean {
  if (!TIME.test(text)) return false
  const day = Number(text.slice(8, 10))
  return day <= 28 || day <= daysOf(Number(text.slice(0, 4)), Number(text.slice(5, 7)))
}

function daysOf(year: number, month: number): number {
  const isLeapYear = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  return month === 2 && isLeapYear ? 29 : (DAYS_OF_MONTHS[month - 1] ?? 0)
}

/** As Clever writes a time. 0 stands for a digit. */
const USUAL_TIME = Buffer.from('0000-00-00T00:00:00.000Z', 'latin1')
const ZERO = 0x30

/**
 * Whether bytes are a time as Clever writes it, before the 29th of a month. Costs 0.05 µs. Where it is false, only
 * `isIsoTime` knows.
 */
export function isUsualTime(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== USUAL_TIME.length) return false
  for (let i = 0; i < USUAL_TIME.length; i += 1) {
    const [byte, usual] = [bytes[start + i] ?? 0, USUAL_TIME[i]]
    if (usual === ZERO ? byte < ZERO || byte > ZERO + 9 : byte !== usual) return false
  }
  const part = (at: number) => ((bytes[start + at] ?? 0) - ZERO) * 10 + (bytes[start + at + 1] ?? 0) - ZERO
  const [month, day] = [part(5), part(8)]
  const isUsualDay = month >= 1 && month <= 12 && day >= 1 && day <= 28
  return isUsualDay && part(11) < 24 && part(14) < 60 && part(17) < 60
}
