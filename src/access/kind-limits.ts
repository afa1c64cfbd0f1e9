import type { Principal } from './principal.ts'

export const PRINCIPAL_KINDS = [
  'guardian',
  'student',
  'teacher',
  'school_staff',
  'district_admin',
  'service',
] as const
export type PrincipalKind = (typeof PRINCIPAL_KINDS)[number]

export function kindOf(principal: Principal): PrincipalKind {
  return (principal.kind === 'STAFF' ? principal.role : principal.kind).toLowerCase() as PrincipalKind
}

const UNLIMITED = 'unlimited'

/** A limit for each kind of principal, written as `guardian=100,service=unlimited`. */
export class KindLimits {
  readonly #limits: ReadonlyMap<PrincipalKind, number>

  private constructor(limits: ReadonlyMap<PrincipalKind, number>) {
    this.#limits = limits
  }

  /** A kind that the text does not name has the limit of `defaults`. Undefined if the text cannot be read. */
  static parse(text: string, range: { min: number; max: number }, defaults?: KindLimits) {
    const limits = new Map(
      PRINCIPAL_KINDS.map((kind) => [kind, defaults?.of(kind) ?? Number.POSITIVE_INFINITY]),
    )
    const named = new Set<string>()
    for (const pair of text.split(',')) {
      const [kind = '', value = ''] = pair.split('=').map((part) => part.trim())
      const limit = value === UNLIMITED ? Number.POSITIVE_INFINITY : Number(value || Number.NaN)
      const isInRange = limit === Number.POSITIVE_INFINITY || (limit >= range.min && limit <= range.max)
      const isLimit = value === UNLIMITED || (Number.isInteger(limit) && isInRange)
      if (!isKind(kind) || named.has(kind) || !isLimit) return undefined
      named.add(kind)
      limits.set(kind, limit)
    }
    return new KindLimits(limits)
  }

  /** Infinity for a kind without a limit. */
  of(kind: PrincipalKind): number {
    return this.#limits.get(kind) ?? Number.POSITIVE_INFINITY
  }

  toString(): string {
    const written = (limit: number) => (limit === Number.POSITIVE_INFINITY ? UNLIMITED : limit)
    return [...this.#limits].map(([kind, limit]) => `${kind}=${written(limit)}`).join()
  }
}

function isKind(text: string): text is PrincipalKind {
  return PRINCIPAL_KINDS.some((kind) => kind === text)
}
