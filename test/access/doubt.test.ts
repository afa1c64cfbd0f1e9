import { describe, expect, it } from 'vitest'
import { createOverrides } from '../../src/access/overrides.ts'
import { CHILD, MIXED } from '../federation/documented-family.ts'
import { guardian, startGateway } from '../support/gateway.ts'
import { overridesOf } from './people.ts'

describe('an uncertain denial', () => {
  const doubtful = createOverrides(
    overridesOf({
      effect: 'DENY',
      student: CHILD,
      privileges: 'ALL',
      reason: 'x',
      contact: { name: 'Aaron Collins', email: 'another@example.org' },
    }),
  )
  const doubts = async (query: string, as?: object) => {
    await using gateway = await startGateway({ overrides: () => doubtful })
    const { errors } = await gateway.ask(query, {}, ...(as === undefined ? [] : [{ ...as }]))
    expect(errors).toEqual([])
    return (await gateway.metrics.uncertainDenials.get()).values[0]?.value
  }

  it('is counted when it takes a student from a guardian', async () => {
    expect(await doubts(`{ student(id: "${CHILD}") { id } }`, guardian(MIXED))).toBeGreaterThan(0)
  })

  it('is counted when the access of the pair is asked for', async () => {
    const query = `{ contactAccess(contactId: "${MIXED}", studentId: "${CHILD}", privilege: PICK_UP) { allowed reason } }`
    expect(await doubts(query)).toBe(1)
  })

  it('is counted when it empties the privileges of an entry', async () => {
    expect(await doubts(`{ contact(id: "${MIXED}") { relationships { privileges } } }`)).toBeGreaterThan(0)
  })

  it('is not counted for others', async () => {
    expect(await doubts(`{ contact(id: "${MIXED}") { relationships { studentId } } }`)).toBe(0)
  })
})
