import { expect, it } from 'vitest'
import { createChangingSealer, createSealer } from '../../src/view/sealed-text.ts'

it('opens cursors of the secrets before, and those of a replica that knows the new one alone', () => {
  let secret = 'first'
  const sealer = createChangingSealer(() => secret)
  const old = sealer.seal('text', 'owner')
  secret = 'second'
  expect(sealer.open(old, 'owner')).toBe('text')
  expect(sealer.open(old, 'another')).toBeUndefined()
  expect(createSealer('second').open(sealer.seal('text', 'owner'), 'owner')).toBe('text')
  expect(sealer.open(createSealer('second').seal('text', 'owner'), 'owner')).toBe('text')
  for (secret of ['third', 'fourth']) sealer.seal('text', 'owner')
  expect(sealer.open(old, 'owner')).toBeUndefined()
})
