import type { Random } from './random.ts'

/** Gives each person a different address, as a mail provider does: the second j.smith becomes j.smith2. */
export type Mailboxes = (given: string, family: string) => string

type Pattern = (given: string, family: string) => string

const patterns: readonly Pattern[] = [
  (given, family) => `${given}.${family}`,
  (given, family) => `${given}_${family}`,
  (given, family) => `${family}.${given}`,
  (given, family) => given.charAt(0) + family,
  (given, family) => given + family,
  (given, family) => `${given}.${family.charAt(0)}`,
]
/** RFC 2606 reserves these for documentation: mail to them is not delivered. */
const domains = ['example.org', 'example.com', 'example.net']

export function createMailboxes(random: Random): Mailboxes {
  const taken = new Map<string, number>()
  return (given, family) => {
    const local = random.pick(patterns)(plain(given), plain(family))
    const count = (taken.get(local) ?? 0) + 1
    taken.set(local, count)
    return `${local}${count > 1 ? count : ''}@${random.pick(domains)}`
  }
}

/** `José Núñez` → `josenunez`. */
export function plain(name: string): string {
  return name
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^a-z]/g, '')
}
