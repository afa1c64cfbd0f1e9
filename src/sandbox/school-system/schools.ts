import type { School } from '../roster/records.ts'
import type { ObjectIds } from './object-ids.ts'
import type { Random } from './random.ts'

interface Level {
  readonly suffix: string
  readonly grades: readonly string[]
}

const levels: readonly Level[] = [
  {
    suffix: 'Elementary School',
    grades: ['Kindergarten', '1', '2', '3', '4', '5'],
  },
  { suffix: 'Middle School', grades: ['6', '7', '8'] },
  { suffix: 'High School', grades: ['9', '10', '11', '12'] },
]
export const grades = levels.flatMap((level) => level.grades)

const places =
  'Maple Grove,Cedar Ridge,Riverside,Lincoln,Oak Hollow,Sunset Hills,Harriet Tubman,César Chávez,Mill Creek,Northgate,Rosa Parks,Lakeview,Franklin,Prairie View,Eastwood,Sojourner Truth,Stonebridge,Willow Springs,Fairmont,Juniper'.split(
    ',',
  )
const streets =
  'Main Street,Oak Avenue,2nd Street,Washington Boulevard,Park Road,Elm Drive,Lake Shore Lane'.split(',')

/** At least one school of each level; a school has about 450 students. */
export function inventSchools(
  random: Random,
  nextId: ObjectIds,
  district: { id: string; students: number; created: string; modified: string },
): School[] {
  const count = Math.max(levels.length, Math.ceil(district.students / 450))
  return Array.from({ length: count }, (_, index) => {
    const level = levels[index % levels.length] ?? { suffix: 'School', grades }
    const place = places[Math.floor(index / levels.length) % places.length] ?? 'Central'
    const round = Math.floor(index / (levels.length * places.length))
    const number = String(1001 + index)
    return {
      high_grade: level.grades.at(-1) ?? '',
      school_number: number,
      location: {
        address: `${random.digits(3)} ${random.pick(streets)}`,
        city: 'Springfield',
        state: 'OH',
        zip: `45${random.digits(3)}`,
      },
      last_modified: district.modified,
      name: `${place} ${level.suffix}${round > 0 ? ` ${round + 1}` : ''}`,
      phone: `(937) 555-01${random.digits(2)}`,
      district: district.id,
      sis_id: number,
      created: district.created,
      ext: {},
      low_grade: level.grades[0] ?? '',
      state_id: random.digits(5),
      id: nextId(),
    }
  })
}

/** The schools that teach each grade. */
export function schoolsByGrade(schools: readonly School[]): ReadonlyMap<string, readonly School[]> {
  return new Map(
    levels.flatMap((level) => {
      const teaching = schools.filter((school) => school.low_grade === level.grades[0])
      return level.grades.map((grade) => [grade, teaching] as const)
    }),
  )
}
