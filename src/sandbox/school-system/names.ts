import { cultures } from './name-lists.ts'
import type { Random } from './random.ts'

export type Gender = 'F' | 'M' | 'X'

/** The names of one household: a shared family name, and given names of the same origin. */
export interface FamilyNames {
  readonly family: string
  given(gender: Gender): string
  /** A family name of the same origin, such as a spouse's. */
  otherFamily(): string
}

export function inventFamilyNames(random: Random): FamilyNames {
  const culture = random.pick(cultures)
  const family = inventFamily()

  function inventFamily() {
    const name = random.pick(culture.family)
    if (!culture.hasDoubleFamilyNames || random.chance(0.5)) return name
    return `${name} ${random.pick(culture.family)}`
  }
  function given(gender: Gender) {
    const lists = {
      F: culture.female,
      M: culture.male,
      X: random.chance(0.5) ? culture.female : culture.male,
    }
    return random.pick(lists[gender])
  }
  return { family, given, otherFamily: inventFamily }
}

export function inventGender(random: Random): Gender {
  return random.chance(0.02) ? 'X' : random.pick(['F', 'M'] as const)
}
