const ORDERS = {
  NAME_ASC: 'Name, A to Z',
  NAME_DESC: 'Name, Z to A',
} as const

export type Order = keyof typeof ORDERS

interface ListControlsProps {
  readonly search: string
  readonly onSearch: (search: string) => void
  readonly order: Order
  readonly onOrder: (order: Order) => void
}

export function ListControls({ search, onSearch, order, onOrder }: ListControlsProps) {
  return (
    <search className="controls">
      <label>
        Search
        <input
          type="search"
          value={search}
          placeholder="Name, e-mail, phone"
          autoComplete="off"
          onChange={(event) => onSearch(event.target.value)}
        />
      </label>
      <label>
        Sort
        <select value={order} onChange={(event) => onOrder(event.target.value as Order)}>
          {Object.entries(ORDERS).map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
    </search>
  )
}
