/** The operation resolves more nodes than one request may. */
export class QueryTooLarge extends Error {
  override readonly name = 'QueryTooLarge'
}
