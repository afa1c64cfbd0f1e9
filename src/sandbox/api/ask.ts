import type { IncomingMessage } from 'node:http'
import type { ServedDistrict } from '../roster/district.ts'
import type { Cursors } from './page.ts'

/** A call as it arrived. */
export interface Incoming {
  readonly method: string
  /** As sent, without query. */
  readonly path: string
  /** As sent, without the question mark. */
  readonly search: string
  readonly query: URLSearchParams
  readonly authorization: string
  /** The header `x-request-id`. */
  readonly requestId: string | undefined
}

/** A call that has a route and a valid token. */
export interface Ask extends Incoming {
  readonly district: ServedDistrict
  /** `/v3.0` or `/v3.1`: links have the requested version. */
  readonly version: string
  /** The id in the path; empty on routes without one. */
  readonly id: string
  /** How a cursor in a list of users is taken. */
  readonly cursors: Cursors
  /** The maximum number of rows on a page, even if the limit is larger. */
  readonly maxRows: number
}

export function readIncoming({ method = 'GET', url = '/', headers }: IncomingMessage): Incoming {
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  const search = mark < 0 ? '' : url.slice(mark + 1)
  return {
    method,
    path,
    search,
    query: new URLSearchParams(search),
    authorization: headers.authorization ?? '',
    requestId: headers['x-request-id']?.toString(),
  }
}

/** The credentials of the given scheme; empty when the call has none. */
export function credentials({ authorization }: Incoming, scheme: 'Bearer' | 'Basic'): string {
  const [sent = '', value = ''] = authorization.split(' ')
  return sent.toLowerCase() === scheme.toLowerCase() ? value : ''
}
