/** A contact as its school writes it. */
export interface Written {
  readonly name: string
  readonly email?: string
  readonly phone?: string
  readonly sis_id?: string
  readonly relationship?: string
  readonly type?: string
}

export type SamePersonRow = readonly [why: string, gone: Written, came: Written, right: 'SAME' | 'NOT SAME']

/** Two contacts of one student, one deleted and one created in one sync. */
export const PAIRS: readonly SamePersonRow[] = [
  [
    'corrected e-mail',
    { name: 'Ana Lee', email: 'ana@exmaple.org', phone: '330-280-1898' },
    { name: 'Ana Lee', email: 'ana@example.org', phone: '330-280-1898' },
    'SAME',
  ],
  [
    'surname first: two siblings',
    { name: 'LOPEZ MARTIN', email: 'dad@example.org', phone: '330-280-1898' },
    { name: 'LOPEZ MARVIN', email: 'dad@example.org', phone: '330-280-1898' },
    'NOT SAME',
  ],
  [
    'surname first',
    { name: 'CRUZ ADRIANA', email: 'dad@example.org', phone: '330-280-1898' },
    { name: 'CRUZ ARIANA', email: 'dad@example.org', phone: '330-280-1898' },
    'NOT SAME',
  ],
  [
    'surname first, Vietnamese',
    { name: 'Nguy\u1ec5n V\u0103n Thanh', email: 'thanh@example.org', phone: '330-280-1898' },
    {
      name: 'Nguy\u1ec5n V\u0103n Th\u1ecbnh',
      email: 'thinh@example.org',
      phone: '330-280-1898',
      relationship: 'Other',
    },
    'NOT SAME',
  ],
  [
    'surname first, Korean',
    { name: 'Park Minsoo', email: 'minsoo@example.org', phone: '330-280-1898' },
    { name: 'Park Minwoo', email: 'minwoo@example.org', phone: '330-280-1898', relationship: 'Other' },
    'NOT SAME',
  ],
  [
    'a common first word is no given name that identifies',
    { name: 'Ana Martina Cruz', phone: '330-280-1898' },
    { name: 'Ana Marvina Cruz', phone: '330-280-1898' },
    'NOT SAME',
  ],
  [
    'same name, and everything that could confirm contradicts',
    {
      name: 'Jose Garcia',
      email: 'dad@example.org',
      phone: '330-280-1898',
      relationship: 'Parent',
      type: 'Parent/Guardian',
    },
    {
      name: 'Jose Garcia',
      email: 'son@example.org',
      phone: '330-280-1666',
      relationship: 'Other',
      type: 'Emergency',
    },
    'NOT SAME',
  ],
  [
    'the SIS says they are two',
    { name: 'Jose Garcia', sis_id: '1001', phone: '330-280-1898' },
    { name: 'Jose Garcia', sis_id: '2002', phone: '330-280-1898', relationship: 'Other', type: 'Emergency' },
    'NOT SAME',
  ],
  [
    'a placeholder is no evidence',
    { name: 'John Smith', email: 'none@none.com', phone: '330-280-1898' },
    { name: 'John A Smith', email: 'none@none.com', phone: '330-280-1666', relationship: 'Other' },
    'NOT SAME',
  ],
  [
    'a surname and a household phone',
    { name: 'Smith', email: 'john@example.org', phone: '330-280-1898' },
    { name: 'Smith', email: 'mary@example.org', phone: '330-280-1898' },
    'NOT SAME',
  ],
  [
    'household phone, other e-mail: the son',
    { name: 'John Smith', email: 'dad@example.org', phone: '330-280-1898' },
    {
      name: 'John B Smith',
      email: 'jb@example.org',
      phone: '330-280-1898',
      relationship: 'Other',
      type: 'Emergency',
    },
    'NOT SAME',
  ],
  [
    '"0" is no district id',
    { name: 'Maria Lopez', sis_id: '0' },
    { name: 'John Smith', sis_id: '0' },
    'NOT SAME',
  ],
  [
    'one letter in a middle name, personal e-mail equal',
    { name: 'Maria Helena Lopez', email: 'dad@example.org' },
    { name: 'Maria Helana Lopez', email: 'dad@example.org' },
    'SAME',
  ],
]

const family = { email: 'dad@example.org', phone: '330-280-1898' }
const mail = { email: 'dad@example.org' }
const phone = { phone: '330-280-1898' }

export const MORE_PAIRS: readonly SamePersonRow[] = [
  [
    'Hungarian: surname first, then last',
    { name: 'Nagy Anna', ...phone },
    { name: 'Anna Nagy', ...phone },
    'SAME',
  ],
  ['Hungarian: siblings', { name: 'Nagy Zsolna', ...family }, { name: 'Nagy Zsolka', ...family }, 'NOT SAME'],
  [
    'Chinese: siblings',
    { name: 'Zhang Weiming', ...family },
    { name: 'Zhang Weining', ...family },
    'NOT SAME',
  ],
  [
    'Chinese: one name in its own script, another phone',
    { name: '\u738b\u5c0f\u660e', phone: '330-280-1777' },
    { name: '\u738b\u5c0f\u660e', ...mail },
    'SAME',
  ],
  [
    'Korean: a hyphen, surname first',
    { name: 'Park Minsoo', ...mail },
    { name: 'Min-soo Park', ...mail },
    'SAME',
  ],
  [
    'Korean: siblings with the e-mail of the house',
    { name: 'Kim Minseo', ...family },
    { name: 'Kim Minheo', ...family },
    'NOT SAME',
  ],
  [
    'Vietnamese: siblings with the e-mail of the house',
    { name: 'Nguy\u1ec5n V\u0103n Thanh', ...family },
    { name: 'Nguy\u1ec5n V\u0103n Th\u1ecbnh', ...family },
    'NOT SAME',
  ],
  ['Jr. and Sr.', { name: 'Jose Garcia Sr', ...family }, { name: 'Jose Garcia Jr', ...family }, 'NOT SAME'],
  [
    'Jr. in parentheses',
    { name: 'Jose Garcia', ...family },
    { name: 'Jose Garcia (Jr.)', ...family },
    'NOT SAME',
  ],
  [
    'Jr. after the surname and a comma',
    { name: 'Garcia Jr., Jose', ...family },
    { name: 'Garcia, Jose', ...family },
    'NOT SAME',
  ],
  [
    'titles of a couple',
    { name: 'Mr. Sam Hill', ...family },
    { name: 'Mrs. Sam Hill', ...family },
    'NOT SAME',
  ],
  ['se\u00f1or', { name: 'Sr. Jose Garcia', ...phone }, { name: 'Jose Garcia', ...phone }, 'SAME'],
  ['twins', { name: 'Anna Marie Lee', ...family }, { name: 'Anne Marie Lee', ...family }, 'NOT SAME'],
  [
    'twins, surname first',
    { name: 'LEE ANNALISE', ...family },
    { name: 'LEE ANNELISE', ...family },
    'NOT SAME',
  ],
  ['an initial, and the e-mail', { name: 'Maria L', ...mail }, { name: 'Maria Lopez', ...mail }, 'SAME'],
  [
    'an initial, and a household phone',
    { name: 'Maria L', ...phone },
    { name: 'Maria Lopez', ...phone },
    'NOT SAME',
  ],
  [
    'an initial that two have',
    { name: 'Maria L', email: 'a@example.org', ...phone },
    { name: 'Maria L', email: 'b@example.org', ...phone },
    'NOT SAME',
  ],
  [
    'a second surname, and the e-mail',
    { name: 'Maria Lopez', ...mail },
    { name: 'Maria Lopez Garcia', ...mail },
    'SAME',
  ],
  [
    'a second surname, and a household phone',
    { name: 'Maria Lopez', ...phone },
    { name: 'Maria Lopez Garcia', ...phone },
    'NOT SAME',
  ],
  ['a maiden name', { name: 'Anna Collins', ...phone }, { name: 'Anna Weiss', ...phone }, 'NOT SAME'],
  [
    'a maiden name with a hyphen, and the e-mail',
    { name: 'Anna Collins', ...mail },
    { name: 'Anna Collins-Weiss', ...mail },
    'SAME',
  ],
  [
    'one word, and the e-mail',
    { name: 'Smith', email: 'john@example.org' },
    { name: 'Smith', email: 'john@example.org' },
    'SAME',
  ],
  [
    'one word, and a household phone alone',
    { name: 'Smith', ...phone },
    { name: 'Smith', ...phone },
    'NOT SAME',
  ],
  [
    'one word, and the address of a couple',
    { name: 'Smith', email: 'john.and.mary@example.org' },
    { name: 'Smith', email: 'john.and.mary@example.org' },
    'NOT SAME',
  ],
  [
    'a second name, and the address of a family',
    { name: 'John Smith', email: 'smith.family@example.org' },
    { name: 'John B Smith', email: 'smith.family@example.org' },
    'NOT SAME',
  ],
  [
    'a second name, the e-mail of the house and another phone',
    { name: 'John Smith', ...family },
    { name: 'John B Smith', ...mail, phone: '330-280-1666' },
    'NOT SAME',
  ],
  ['the comma form', { name: 'Lopez, Maria', ...phone }, { name: 'Maria Lopez', ...phone }, 'SAME'],
  [
    'the comma form of siblings',
    { name: 'Lopez, Martin', ...family },
    { name: 'Lopez, Marvin', ...family },
    'NOT SAME',
  ],
  [
    'the comma form with a wrong letter in the surname',
    { name: 'Castilla, Martin', ...family },
    { name: 'Castella, Martin', ...family },
    'SAME',
  ],
  [
    'capitals for the surname of siblings',
    { name: 'LOPEZ Martin Jose', ...family },
    { name: 'LOPEZ Marvin Jose', ...family },
    'NOT SAME',
  ],
  [
    "two names in each other's place",
    { name: 'Thomas, James', ...family },
    { name: 'James, Thomas', ...family },
    'NOT SAME',
  ],
  [
    'a nickname in parentheses',
    { name: 'Robert (Bob) Smith', ...phone },
    { name: 'Robert Smith', ...phone },
    'SAME',
  ],
  ['an apostrophe', { name: "Sean O'Brien", ...phone }, { name: 'Sean OBrien', ...phone }, 'SAME'],
  [
    'siblings in title case',
    { name: 'Lopez Martin', ...family },
    { name: 'Lopez Marvin', ...family },
    'NOT SAME',
  ],
  [
    'two ids of the SIS, and one e-mail',
    { name: 'Jose Garcia', sis_id: '1001', ...mail },
    { name: 'Jose Garcia', sis_id: '2002', ...mail },
    'NOT SAME',
  ],
  [
    'a placeholder for an id',
    { name: 'Maria Lopez', sis_id: 'N/A' },
    { name: 'John Smith', sis_id: 'n/a' },
    'NOT SAME',
  ],
  [
    'a placeholder for a phone',
    { name: 'Mom', phone: '555-555-1234' },
    { name: 'Mom', phone: '555-555-1234' },
    'NOT SAME',
  ],
  [
    'the second of two numbers',
    { name: 'Mom', phone: '330-280-1898 ::: 330-280-1777' },
    { name: 'Mom', phone: '330-280-1777' },
    'SAME',
  ],
  ...kin('mother and great-grandmother', 'Mother', 'Great-Grandmother', 'NOT SAME'),
  ...kin('mother and stepmother', 'Mother', 'Stepmother', 'NOT SAME'),
  ...kin('parent and cousin', 'Parent', 'Cousin', 'NOT SAME'),
  ...kin('father and mother', 'Father', 'Mother', 'NOT SAME'),
  ...kin('aunt and uncle', 'Tía', 'Uncle', 'NOT SAME'),
  ...kin('a mother and a parent', 'Mother', 'Parent', 'SAME'),
  ...kin('an aunt in two words', 'Aunt', 'Aunt/Uncle', 'SAME'),
  ...kin('a mother in two languages', 'Mom', 'Madre', 'SAME'),
  ...kin('a parent of whom nothing is said', 'Parent', 'Other', 'SAME'),
  ...['Unknown Unknown', 'Emergency Contact', 'Foster Parent', 'Guardian One', 'Case Worker', 'N/A N/A'].map(
    (name): SamePersonRow => [
      `a name of nobody: ${name}`,
      { name, ...phone },
      { name, ...phone },
      'NOT SAME',
    ],
  ),
  [
    'father and mother with the id of the family',
    { name: 'Aaron Collins', sis_id: 'F12', relationship: 'Father' },
    { name: 'Beth Collins', sis_id: 'F12', relationship: 'Mother' },
    'NOT SAME',
  ],
  [
    'one id of the SIS after a wedding',
    { name: 'Beth Diaz', sis_id: 'F12', relationship: 'Mother' },
    { name: 'Beth Collins', sis_id: 'F12', relationship: 'Parent' },
    'SAME',
  ],
  [
    'a name of nobody, with an e-mail',
    { name: 'Emergency Contact', ...mail },
    { name: 'Emergency Contact', ...mail },
    'SAME',
  ],
]

function kin(why: string, one: string, other: string, right: SamePersonRow[3]): readonly SamePersonRow[] {
  const person = { name: 'Chris Garcia', ...mail }
  return [
    [`of one name: ${why}`, { ...person, relationship: one }, { ...person, relationship: other }, right],
  ]
}
