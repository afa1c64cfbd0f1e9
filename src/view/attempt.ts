/** The value, or the error in its place: GraphQL reports it for this list item alone. */
export function attempt<Value>(read: () => Value): Value | Error {
  try {
    return read()
  } catch (error) {
    return error instanceof Error ? error : new Error('not an error', { cause: error })
  }
}
