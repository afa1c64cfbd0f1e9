import type { DistrictRecord } from '../roster/records.ts'
import type { Workshop } from './workshop.ts'

const names = [
  'Harmony Valley School District',
  'Stillwater Unified',
  'Pine Mesa ISD',
  'Cape Rowan Public Schools',
]

export function inventDistrictRecord(
  { districtId, nextId }: Workshop,
  index: number,
  lastSync: string,
  sisType = 'sftp',
): DistrictRecord {
  const round = Math.floor(index / names.length)
  return {
    login_methods: ['Clever Badges', 'Clever Passwords'],
    sis_type: sisType,
    state: 'running',
    error: '',
    last_sync: lastSync,
    portal_url: `https://clever.com/in/sandbox-${districtId}`,
    district_contact: {
      district: districtId,
      email: 'data.manager@example.org',
      name: { last: 'Manager', first: 'Data' },
      title: '',
      id: nextId(),
    },
    name: `${names[index % names.length] ?? 'District'}${round > 0 ? ` ${round + 1}` : ''}`,
    launch_date: '2019-07-31',
    id: districtId,
  }
}
