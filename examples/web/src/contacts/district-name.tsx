import { closeContact } from '../open-contact.ts'

interface District {
  readonly id: string
  readonly name: string | null
}

interface DistrictNameProps {
  readonly districts: readonly District[]
  readonly shown: District | undefined
  readonly onChoose: (id: string) => void
}

/** The district of the list, to choose from if the viewer has several. */
export function DistrictName({ districts, shown, onChoose }: DistrictNameProps) {
  if (districts.length < 2) return <p>{shown?.name}</p>
  function choose(id: string) {
    closeContact()
    onChoose(id)
  }
  return (
    <select aria-label="District" value={shown?.id} onChange={(event) => choose(event.target.value)}>
      {districts.map(({ id, name }) => (
        <option key={id} value={id}>
          {name ?? id}
        </option>
      ))}
    </select>
  )
}
