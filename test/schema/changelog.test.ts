import { readFileSync } from 'node:fs'
import { buildSchema, isInputObjectType, isObjectType } from 'graphql'
import { expect, it } from 'vitest'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const schema = buildSchema(read('schema/schema.client.graphql'))

/** Whether the schema has a type, or a field such as `Contact.email`. */
function has(name: string): boolean {
  const [typeName = '', fieldName] = name.split('.')
  const type = schema.getType(typeName)
  if (type === undefined || fieldName === undefined) return type !== undefined
  return (isObjectType(type) || isInputObjectType(type)) && fieldName in type.getFields()
}

/** The names of types and fields in one cell of the table. */
const namesIn = (cell = '') =>
  [...cell.matchAll(/`([A-Z]\w+(?:\.\w+)?)[^`]*`/g)].flatMap(([, name]) => (name === undefined ? [] : [name]))

it('the table of the changelog says what was renamed, and to what', () => {
  const rows = [...read('CHANGELOG.md').matchAll(/^\| (`.*) \| (`.*) \|$/gm)]
  expect(rows.length).toBeGreaterThan(20)
  for (const [row, before, now] of rows) {
    for (const name of namesIn(now)) expect(has(name), `${name} in ${row}`).toBe(true)
    const isSameName = namesIn(before)[0] === namesIn(now)[0]
    if (!isSameName) expect(has(namesIn(before)[0] ?? ''), row).toBe(false)
  }
})
