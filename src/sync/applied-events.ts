/** Which of the latest events were applied, so that they can be read again without being applied again. */
export interface AppliedEventIds {
  has(id: string): boolean
  add(id: string): void
  /** From now on every event up to this id counts as applied. */
  settle(upTo: string): void
  /** Every event up to this id counts as applied. */
  readonly settledUpTo: string
  /** The applied events after that. */
  ids(): readonly string[]
}

/** The maximum number of events, of some 100 bytes each. Beyond it, the lower half counts as applied. */
export const MAX_APPLIED = 50_000

export function createAppliedEventIds(): AppliedEventIds {
  const ids = new Set<string>()
  let settledUpTo = ''

  function settle(upTo: string) {
    if (upTo <= settledUpTo) return
    settledUpTo = upTo
    for (const id of ids) if (id <= upTo) ids.delete(id)
  }

  return {
    has: (id) => id <= settledUpTo || ids.has(id),
    add(id) {
      ids.add(id)
      if (ids.size > MAX_APPLIED) settle([...ids].sort()[MAX_APPLIED / 2] ?? '')
    },
    settle,
    ids: () => [...ids],
    get settledUpTo() {
      return settledUpTo
    },
  }
}
