/** One student in a line of the audit, as an answer disclosed her. */
export interface Disclosed {
  readonly time: string
  readonly requestId: string
  readonly principal: string
  readonly privilege: string
  readonly reason: string
  readonly studentId: string
  readonly contactIds: readonly string[]
}

/** All that lines of the audit say, one entry for each privilege, reason and student. */
export function disclosedIn(lines: readonly string[]): readonly Disclosed[] {
  return lines.flatMap((text) => {
    const { time, requestId, principal, disclosed } = JSON.parse(text)
    const groups: { privilege: string; reason: string; students: Record<string, string[]> }[] = disclosed
    return groups.flatMap(({ privilege, reason, students }) =>
      Object.entries(students).map(([studentId, contactIds]) => ({
        time,
        requestId,
        principal,
        privilege,
        reason,
        studentId,
        contactIds,
      })),
    )
  })
}
