const MAX_SHOWN = 200

export interface Output {
  readonly log: string
  readonly stderr: string
}

export interface Problem {
  readonly promise: string
  readonly detail: string
}

/** What a log must not have: errors, lines that are not JSON, and `secrets` of people and tokens. */
export function findProblems({ log, stderr }: Output, secrets: ReadonlySet<string>): readonly Problem[] {
  const problems: Problem[] = []
  if (stderr.trim() !== '')
    problems.push({ promise: 'a process wrote to stderr', detail: stderr.slice(0, MAX_SHOWN) })
  const isSecret = secretsIn(secrets)
  for (const line of log.split('\n').filter((each) => each !== '')) {
    if (isErrorLine(line))
      problems.push({ promise: 'the log has an error', detail: line.slice(0, MAX_SHOWN) })
    const secret = isSecret(line)
    if (secret !== undefined)
      problems.push({
        promise: 'the log has personal data',
        detail: `${secret}: ${line.slice(0, MAX_SHOWN)}`,
      })
  }
  return problems
}

function isErrorLine(line: string): boolean {
  try {
    const { level } = JSON.parse(line)
    return level === 'error' || level === 'fatal'
  } catch {
    return true
  }
}

/** One expression for all secrets would try each at each place; the first four characters find the few to compare. */
function secretsIn(secrets: ReadonlySet<string>): (line: string) => string | undefined {
  const START = 4
  const byStart = Map.groupBy(secrets, (secret) => secret.slice(0, START))
  return (line) => {
    for (let at = 0; at <= line.length - START; at += 1) {
      const candidates = byStart.get(line.slice(at, at + START))
      const found = candidates?.find((secret) => isWordAt(line, secret, at))
      if (found !== undefined) return found
    }
    return undefined
  }
}

/** Not a part of a longer number, as in a request id. */
function isWordAt(line: string, text: string, at: number): boolean {
  const [before = '', after = ''] = [line[at - 1], line[at + text.length]]
  return line.startsWith(text, at) && !/[0-9a-z]/i.test(before + after)
}
