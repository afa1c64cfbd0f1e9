import type { Effort } from './latency.ts'

/** Clever's answer to one call, without the common headers. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly effort?: Effort
}

export interface Link {
  readonly rel: string
  readonly uri: string
}

export function json(value: unknown, effort?: Effort, status = 200): Answer {
  return jsonBytes(Buffer.from(JSON.stringify(value)), effort, status)
}

/** `body`: JSON. */
export function jsonBytes(body: Buffer, effort?: Effort, status = 200): Answer {
  const headers = { 'content-type': 'application/json; charset=utf-8' }
  return { status, headers, body, ...(effort ? { effort } : {}) }
}

/** The swagger promises `message`; Clever's exact words for v3 errors are not known. */
export function failure(status: number, message: string): Answer {
  return json({ message }, undefined, status)
}

export const notFound = failure(404, 'Resource not found')

/** Seen on the wire for a path that the token's kind cannot reach: the page of Express. */
export function noRoute(method: string, path: string): Answer {
  const page = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Error</title>
</head>
<body>
<pre>Cannot ${method} ${escapeHtml(path)}</pre>
</body>
</html>
`
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'",
    'x-content-type-options': 'nosniff',
  }
  return { status: 404, headers, body: Buffer.from(page) }
}

function escapeHtml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')
}
