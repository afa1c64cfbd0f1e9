/** Links between records, readable in both directions. An id may be linked before its record exists. */
export interface Links {
  link(from: string, to: string): void
  unlink(from: string, to: string): void
  from(id: string): readonly string[]
  to(id: string): readonly string[]
}

export function createIdLinks(): Links {
  const forward = new Map<string, string[]>()
  const backward = new Map<string, string[]>()
  return {
    link(from, to) {
      insert(forward, from, to)
      insert(backward, to, from)
    },
    unlink(from, to) {
      drop(forward, from, to)
      drop(backward, to, from)
    },
    from: (id) => forward.get(id) ?? [],
    to: (id) => backward.get(id) ?? [],
  }
}

function insert(index: Map<string, string[]>, key: string, value: string) {
  const values = index.get(key)
  if (!values) index.set(key, [value])
  else if (!values.includes(value)) values.push(value)
}

function drop(index: Map<string, string[]>, key: string, value: string) {
  const left = (index.get(key) ?? []).filter((held) => held !== value)
  if (left.length > 0) index.set(key, left)
  else index.delete(key)
}
