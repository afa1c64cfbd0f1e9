import { Environment, type GraphQLResponse, Network, Observable, RecordSource, Store } from 'relay-runtime'
import { Answers } from '../follow/answers.ts'
import { type FollowResult, followChanges } from '../follow/follow-changes.ts'

export interface EnvironmentOptions {
  readonly url: string
  readonly token: () => string | Promise<string>
  /** Called when changes are missing. Read again what is on the page. */
  readonly onGap: () => void
}

export function createEnvironment({ url, token, onGap }: EnvironmentOptions): Environment {
  const answers = new Answers()
  const network = Network.create(
    async ({ text: query }, variables) => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${await token()}` }
      const response = await fetch(url, {
        method: 'POST',
        headers,
        body: JSON.stringify({ query, variables }),
      })
      const answer = await response.json()
      answers.add(answer)
      return answer
    },
    ({ text }, variables) =>
      Observable.create((sink) =>
        followChanges<FollowResult>(
          { url, token, answers, onGap },
          { query: text ?? '', variables },
          {
            next: (result) => sink.next(result as GraphQLResponse),
            error: (error) => sink.error(error as Error),
          },
        ),
      ),
  )
  return new Environment({
    network,
    store: new Store(new RecordSource()),
    // By default, the id alone is the key: a contact and the viewer that is this contact would be one record.
    getDataID: ({ id }, typename) => (id ? `${typename}:${id}` : null),
  })
}
