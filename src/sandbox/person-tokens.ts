/** The tokens of a gateway over the sandbox, by the person they are for. The process that runs both fills it. */
export class PersonTokens extends Map<string, string> {
  /** Signs further tokens for the same people, with a lifetime in seconds. Undefined without a gateway. */
  sign: ((lifetime: number) => Promise<Readonly<Record<string, string>>>) | undefined
}
