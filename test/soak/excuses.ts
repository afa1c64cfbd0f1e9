interface Excuse {
  /** Undefined for all districts. */
  readonly districtId: string | undefined
  readonly codes: ReadonlySet<string>
  until: number
}

/** Which codes of errors are expected at present, because of what the soak does to the gateway. */
export class Excuses {
  readonly #excuses: Excuse[] = []

  /** Expected until the returned function is called, and `graceMs` longer. */
  begin(codes: readonly string[], graceMs: number, districtId?: string): () => void {
    const excuse = { codes: new Set(codes), districtId, until: Number.POSITIVE_INFINITY }
    this.#excuses.push(excuse)
    return () => {
      excuse.until = Date.now() + graceMs
    }
  }

  /** Whether a request that was sent at `startedAt` may have failed with this code. */
  isExpected(code: string, districtId: string, startedAt: number): boolean {
    return this.#excuses.some(
      (excuse) =>
        excuse.codes.has(code) &&
        excuse.until >= startedAt &&
        (excuse.districtId ?? districtId) === districtId,
    )
  }
}
