/** The operation resolves more than one request may, whatever its document looks like. */
export class QueryTooLarge extends Error {
  override readonly name = 'QueryTooLarge'
}
