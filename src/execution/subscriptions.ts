import { isAsyncIterable } from '@graphql-tools/utils'
import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
  getOperationAST,
  type SelectionNode,
  valueFromASTUntyped,
} from 'graphql'
import { badInput, tooManySubscriptions } from '../../schema/errors.ts'
import { principalKey } from '../access/principal.ts'
import { Request, type RequestContext } from '../view/request.ts'
import type { Subscribe } from './answer.ts'
import { SubscriptionPlaces } from './subscription-places.ts'
import {
  type Subscription,
  SubscriptionStream,
  type SubscriptionStreamOptions,
} from './subscription-stream.ts'

export interface SubscriptionsOptions extends SubscriptionStreamOptions {
  /** Open at once. */
  readonly max: number
}

/** Opens subscriptions. Each is executed for each change: see SubscriptionStream. */
export function createSubscribe(options: SubscriptionsOptions): Subscribe {
  const { services, answerer, maskError } = options
  const places = new SubscriptionPlaces(options.max, options.metrics)
  const failed = (errors: readonly GraphQLError[], { summary }: RequestContext): ExecutionResult => {
    const masked = errors.map(maskError)
    summary.addErrors(masked)
    return { errors: masked }
  }

  return async (operation, variables, context) => {
    const holder = principalKey(context.principal)
    if (!places.take(holder)) return failed([tooManySubscriptions()], context)
    const onClose = () => places.release(holder)
    try {
      const request = new Request(services, context)
      const args: ExecutionArgs = {
        schema: answerer.schema,
        document: operation.document,
        operationName: operation.definition.name?.value,
        variableValues: variables,
        contextValue: request.newView(),
      }
      const source = selectsNothing(args)
        ? { errors: [badInput('The subscription selects no field. Remove `@skip` and `@include`.')] }
        : await createSourceEventStream(args)
      if (isAsyncIterable(source)) {
        const changes = source as Subscription['source']
        const { traits } = operation
        return new SubscriptionStream(options, { source: changes, args, traits, context, onClose })
      }
      onClose()
      return failed(source.errors ?? [], context)
    } catch (error) {
      onClose()
      throw error
    }
  }
}

/** Whether directives leave no field to subscribe to. graphql-js expects the one field that validation has found. */
function selectsNothing({ document, operationName, variableValues }: ExecutionArgs): boolean {
  const operation = getOperationAST(document, operationName)
  const isLeft = ({ directives = [] }: SelectionNode) =>
    directives.every(({ name, arguments: given = [] }) => {
      const value = given[0] && valueFromASTUntyped(given[0].value, variableValues)
      return name.value === 'skip' ? value !== true : name.value !== 'include' || value !== false
    })
  return !operation?.selectionSet.selections.some(isLeft)
}
