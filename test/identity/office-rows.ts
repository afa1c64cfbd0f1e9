import type { DenialRow, Order, Written } from './denial-rows.ts'

const aaron = { name: 'Aaron Collins', email: 'aaron@example.org', phone: '330-280-1898' }
const elsewhere = { email: 'new@example.net', phone: '614-555-0177' }

type Pair = readonly [order: string, record: string]

function rowsOf(
  why: string,
  pairs: readonly Pair[],
  order: Order,
  record: Written,
  by: keyof Order & string,
) {
  const field = by === 'sisId' ? 'sis_id' : by
  return pairs.map(
    ([one, other]): DenialRow => [
      `${why}: ${one} as ${other}`,
      { ...order, [by]: one },
      { ...record, [field]: other },
      'DENIED',
    ],
  )
}

function notDenied(why: string, pairs: readonly Pair[], shared: Order & Written): readonly DenialRow[] {
  return pairs.map(([one, other]) => [
    `${why}: ${one}, ${other}`,
    { ...shared, name: one },
    { ...shared, name: other },
    'NOT DENIED',
  ])
}

const as = (order: string, ...records: readonly string[]) => records.map((record): Pair => [order, record])

/** Neither e-mail nor phone stayed. */
const NAMES: readonly Pair[] = [
  ...as(
    'Aaron Collins',
    'Aaron J. Collins',
    'Collins, Aaron J.',
    'Aaron James Collins',
    'Aaron Collins Collins',
  ),
  ...as(
    'Aaron Collins',
    'Aaron Collins, MD',
    'Aaron Collins M.D.',
    'Sgt. Aaron Collins',
    'Don Aaron Collins',
  ),
  ...as(
    'Aaron Collins',
    'Aaron Collins - Dad',
    'Father: Aaron Collins',
    'Aaron Collins/Father',
    '1. Aaron Collins',
  ),
  ...as(
    'Aaron Collins',
    'Aaron Collins #2',
    'Aaron Collins [Dad]',
    "Aaron 'AJ' Collins",
    'Aaron Collins – NO CALLS',
  ),
  ...as('Aaron Collins', 'Aaron &amp; Beth Collins', 'Beth and Aaron Collins', 'Collins, Aaron and Beth'),
  ...as(
    'Aaron Collins',
    'Aaron Collins; Beth Diaz',
    'Aar0n Collins',
    'Aaron\\nCollins',
    '\u0410aron C\u043ellins',
  ),
  ...as('Aaron Collins', 'N/A Aaron Collins', 'Aaron NMN Collins', `${' '.repeat(320)}Aaron Collins`),
  ['Aaron and Beth Collins', 'Aaron Collins'],
  ...as('Aaron Collins', 'xAaron Collins', 'ZZ Aaron Collins', 'ZZAaron Collins', 'DELETED Aaron Collins'),
  ...as('Aaron Collins', 'Aaron Collins2', 'Aaron Co11ins', 'Aaron Collins home', 'Coach Aaron Collins'),
  ...as(
    'Aaron Collins',
    'Aaron Collins with Beth Diaz',
    'Aaron Collins\\Beth Diaz',
    'Aaron Collins, Beth Diaz',
  ),
  ['Maria Garcia', 'Maria Garcia Lopez'],
  ['Xavier Zzyzx', 'Xavier Zzyzx'],
  ['Maria Lopez', 'Garcia Lopez, Maria'],
  ['Smith-Collins, Aaron', 'Aaron Collins'],
  ...as('Beth Diaz', 'Beth Collins née Diaz', 'Beth Collins, born Diaz', 'Liz Cole aka Beth Diaz'),
  ['Theodore Jones', 'Ted Jones'],
  ['Aleksandr Petrov', 'Alexander Petrov'],
  ['Mohammed Ali', 'Muhammad Ali'],
  ['Mrs. Beth Collins', 'Ms. Beth Collins'],
  ['Mr. Aaron Collins', 'Dr. Aaron Collins'],
  ['Sr. José Ruiz', 'Mr. José Ruiz'],
  ...as('José García', 'JosÃ© GarcÃ\u00ada', 'Jos? Garc?a', 'Jos\\u00e9 Garc\\u00eda', 'Pepe García'),
  ...as("Sean O'Brien", 'Sean Oâ€™Brien', 'Sean O&amp;#39;Brien', 'Sean O?Brien'),
  ['Sean McDonald', 'Sean MacDonald'],
  ['Maria St. John', 'Maria Saint John'],
  ['María Elena Ruiz', 'Ma. Elena Ruiz'],
  ['Maria del Carmen Ruiz', 'Maria Carmen Ruiz'],
  ['Robert Smith', 'Bob Smith'],
  ['Aaron Collins Jr', 'Aaron Collins Junior'],
]

/** One of e-mail and phone stayed. */
const NAMES_AT_ADDRESS: readonly Pair[] = [
  ...as('Aaron Collins', 'A. Collins', 'Collins, A.', 'Dad', 'unknown', 'The Collins Family', '330-280-1898'),
  ['Maria Lopez', 'Maria Garcia'],
  ...as('Aaron James Collins', 'AJ Collins', 'A.J. Collins', 'Collins, AJ'),
  ['Guadalupe Ruiz', 'Lupe Ruiz'],
  ['Ольга Иванова', 'Olga Ivanova'],
]

const PHONES = as(
  '330-280-1898',
  ...[
    '330/280-1898 call after 5',
    '330/280-1898, 330/280-1777',
    '330&nbsp;280&nbsp;1898',
    '330&#45;280&#45;1898',
  ],
  ...[
    '330-28O-1898',
    '330-280-l898',
    '3,302,801,898',
    '$3,302,801,898.00',
    '280-1898',
    '330:280:1898',
    '330,280,1898',
  ],
  ...['330-280-1777\\330-280-1898', '33028017773302801898'],
)

const PHONES_ABROAD: readonly Pair[] = [
  ['+52 55 1234 5678', '525512345678'],
  ...as('+52 55 1234 5678', '52-55-1234-5678', '52 (55) 1234 5678'),
  ['+52 55 1234 5678', '0445512345678'],
  ['+44 20 7946 0958', '442079460958'],
  ['+503 2222 1234', '50322221234'],
]

const EMAILS = as(
  'aaron@example.org',
  ...[
    'aaron @ example.org',
    'aaron@example,org',
    'aaron@example..org',
    'aaron&#64;example.org',
    'aaron%40example.org',
  ],
  ...['aaron(at)example.org', 'aaron+school@example.org', 'email=aaron@example.org', '*aaron@example.org*'],
  ...[
    'aaron@example.org&nbsp;',
    'a.c@example.net\\aaron@example.org',
    '{aaron@example.org}',
    'aaron@example。org',
    'a.aron@example.org',
    'àaron@example.org',
    'aaron at example dot org',
    'aaron@@example.org',
  ],
)

const SIS_IDS: readonly Pair[] = [
  ...as('SIS-77', 'SIS77', 'SIS_77', 'SIS–77', 'SIS-0077', 'SIS-77.0', 'SIS&#45;77'),
  ...as('77', "'77", '="77"', '"77"', '#77', '(77)', '٧٧', "'0077"),
  ['1077', '1,077'],
  ['1234567890', '1.23456789E+09'],
]

const variant = { name: 'Aron Collins' }
const { name, email, phone } = aaron

/** The same person, as offices, exports and spreadsheets write a record; and others of the household, who stay as they are. */
export const OFFICE_DENIALS: readonly DenialRow[] = [
  ...rowsOf('by the name alone', NAMES, aaron, elsewhere, 'name'),
  ...rowsOf('by the e-mail under a like name', NAMES_AT_ADDRESS, { email }, { email }, 'name'),
  ...rowsOf('by the phone under a like name', NAMES_AT_ADDRESS, { phone }, { phone }, 'name'),
  ...rowsOf('by the phone', PHONES, { name }, variant, 'phone'),
  ...rowsOf('by the phone', PHONES_ABROAD, { name }, variant, 'phone'),
  ...rowsOf('by the e-mail', EMAILS, { name }, variant, 'email'),
  ...rowsOf('by the sisId', SIS_IDS, {}, { name: 'Q Other', email: 'q@example.net' }, 'sisId'),
  ...notDenied(
    'the household',
    [
      ['Aaron Collins', 'Beth Collins'],
      ['Aaron Collins', 'Beth (Bob) Collins'],
      ['Aaron Collins', 'Tia Collins'],
      ['Aaron Collins', 'Collins, Beth - wife'],
      ['COLLINS AARON', 'COLLINS BETH'],
      ['Michael Smith', 'Michelle Smith'],
      ['Aaron James Collins', 'BJ Collins'],
      ['Kealiʻi Kahale', 'Leilani Kahale'],
    ],
    { phone },
  ),
  ...(
    [
      ['Aaron Collins', 'Aaron Diaz'],
      ['Aaron Collins', 'Aaron Collins Jr.'],
      ['Aaron J. Collins', 'Aaron M. Collins'],
      ['José García', 'José Luis García Soto'],
      ['Mr. Aaron Collins', 'Mrs. Aaron Collins'],
      ['Maria Elena Ruiz', 'Maria Luisa Ruiz'],
      ['Gabriel Diaz', 'Gabriela Diaz'],
      ['Ana Garcia Lopez', 'Lopez Diaz, Ana'],
    ] as const
  ).map(
    ([one, other]): DenialRow => [
      `a like name and nothing else: ${one}, ${other}`,
      { ...aaron, name: one },
      { ...elsewhere, name: other },
      'NOT DENIED',
    ],
  ),
  ['another district id', { sisId: '1-23' }, { name: 'Q Other', sis_id: '12-3' }, 'NOT DENIED'],
]
