/** As a record is written in Clever, or an order in the file of overrides. */
export interface Written {
  readonly name?: string
  readonly email?: string
  readonly phone?: string
  readonly sis_id?: string | number
}
export interface Order {
  readonly name?: string
  readonly email?: string
  readonly phone?: string
  readonly sisId?: string | number
  readonly legacyId?: string
}

export type DenialRow = readonly [why: string, order: Order, record: Written, right: 'DENIED' | 'NOT DENIED']

const other = { name: 'Aron Collins', email: 'q@example.net' }
const aaron = { name: 'Aaron Collins', email: 'aaron@example.org', phone: '330-280-1898' }
const elsewhere = { email: 'new@example.net', phone: '614-555-0177' }

/** An order, the record of the same person later, and whether the denial must hold. */
export const DENIALS: readonly DenialRow[] = [
  [
    'control: same name, other address',
    { name: 'Aaron Collins', email: 'aaron@example.org', phone: '330-280-1898' },
    { name: 'Aaron Collins', email: 'new@example.net', phone: '614-555-0177' },
    'DENIED',
  ],
  [
    'zero-width space inside the name',
    { name: 'Aaron Collins', email: 'aaron@example.org', phone: '330-280-1898' },
    { name: 'Aa\u200bron Collins', email: 'new@example.net', phone: '614-555-0177' },
    'DENIED',
  ],
  [
    'soft hyphen inside the name',
    { name: 'Aaron Collins', email: 'aaron@example.org', phone: '330-280-1898' },
    { name: 'Aa\u00adron Collins', email: 'new@example.net', phone: '614-555-0177' },
    'DENIED',
  ],
  [
    'letters without a decomposition',
    { name: 'S\u00f8ren Lykke', email: 'aaron@example.org', phone: '330-280-1898' },
    { name: 'Soren Lykke', email: 'new@example.net', phone: '614-555-0177' },
    'DENIED',
  ],
  [
    'letters without a decomposition',
    { name: '\u0141ukasz Nowak', email: 'aaron@example.org', phone: '330-280-1898' },
    { name: 'Lukasz Nowak', email: 'new@example.net', phone: '614-555-0177' },
    'DENIED',
  ],
  [
    'sharp s, both directions',
    { name: 'Jan Wei\u00df', email: 'aaron@example.org', phone: '330-280-1898' },
    { name: 'Jan Weiss', email: 'new@example.net', phone: '614-555-0177' },
    'DENIED',
  ],
  [
    'dotless i',
    { name: 'I\u015f\u0131k Y\u0131lmaz', email: 'aaron@example.org', phone: '330-280-1898' },
    { name: 'Isik Yilmaz', email: 'new@example.net', phone: '614-555-0177' },
    'DENIED',
  ],
  [
    'apostrophe missing',
    { name: "Sean O'Brien", email: 'aaron@example.org', phone: '330-280-1898' },
    { name: 'Sean OBrien', email: 'new@example.net', phone: '614-555-0177' },
    'DENIED',
  ],
  [
    'space missing',
    { name: 'Ana De La Cruz', email: 'aaron@example.org', phone: '330-280-1898' },
    { name: 'Ana DelaCruz', email: 'new@example.net', phone: '614-555-0177' },
    'DENIED',
  ],
  [
    'hyphen missing',
    { name: 'Ann-Marie Lee', email: 'aaron@example.org', phone: '330-280-1898' },
    { name: 'Annmarie Lee', email: 'new@example.net', phone: '614-555-0177' },
    'DENIED',
  ],
  [
    'two numbers in the field',
    { name: 'Aaron Collins', phone: '330-280-1898' },
    { name: 'Aron Collins', email: 'q@example.net', phone: '330-280-1898 / 330-280-1777' },
    'DENIED',
  ],
  [
    'labeled numbers',
    { name: 'Aaron Collins', phone: '330-280-1898' },
    { name: 'Aron Collins', email: 'q@example.net', phone: 'C: 330-280-1898 H: 330-280-1777' },
    'DENIED',
  ],
  [
    'a remark behind the number',
    { name: 'Aaron Collins', phone: '330-280-1898' },
    { name: 'Aron Collins', email: 'q@example.net', phone: '330-280-1898 (call after 5)' },
    'DENIED',
  ],
  [
    'full-width digits',
    { name: 'Aaron Collins', phone: '330-280-1898' },
    {
      name: 'Aron Collins',
      email: 'q@example.net',
      phone: '\uff13\uff13\uff10\uff12\uff18\uff10\uff11\uff18\uff19\uff18',
    },
    'DENIED',
  ],
  [
    'the order holds two numbers',
    { name: 'Aaron Collins', phone: '330-280-1898 or 330-280-1777' },
    { name: 'Aron Collins', email: 'q@example.net', phone: '330-280-1898' },
    'DENIED',
  ],
  [
    'mailbox form',
    { name: 'Aaron Collins', email: 'aaron@example.org' },
    { name: 'Aron Collins', email: 'Aaron <aaron@example.org>' },
    'DENIED',
  ],
  [
    'two addresses in the field',
    { name: 'Aaron Collins', email: 'aaron@example.org' },
    { name: 'Aron Collins', email: 'aaron@example.org; a.c@example.net' },
    'DENIED',
  ],
  [
    'mailto',
    { name: 'Aaron Collins', email: 'aaron@example.org' },
    { name: 'Aron Collins', email: 'mailto:aaron@example.org' },
    'DENIED',
  ],
  [
    'invisible character in the district id',
    { sisId: 'SIS-77' },
    { name: 'Q Other', email: 'q@example.net', sis_id: 'SIS-77\u200b' },
    'DENIED',
  ],
  [
    'district id as a JSON number',
    { sisId: '77' },
    { name: 'Q Other', email: 'q@example.net', sis_id: 77 },
    'DENIED',
  ],
  [
    'spreadsheet decimal in the order: must not deny the owner of 302-801-8980',
    { name: 'Aaron Collins', phone: '3302801898.0' },
    { name: 'Aron Collins', email: 'q@example.net', phone: '302-801-8980' },
    'NOT DENIED',
  ],
]

export const MORE_DENIALS: readonly DenialRow[] = [
  [
    'a number as a link',
    { name: 'Aaron Collins', phone: 'tel:+1-330-280-1898' },
    { ...other, phone: '3302801898' },
    'DENIED',
  ],
  [
    'numbers on two lines',
    { name: 'Aaron Collins', phone: '330-280-1777\n330-280-1898' },
    { ...other, phone: '330.280.1898' },
    'DENIED',
  ],
  [
    'numbers with a space between them',
    { name: 'Aaron Collins', phone: '3302801777 3302801898' },
    { ...other, phone: '330.280.1898' },
    'DENIED',
  ],
  [
    'a number and the last digits of another',
    { name: 'Aaron Collins', phone: '330-280-1898' },
    { ...other, phone: '330-280-1898/1777' },
    'DENIED',
  ],
  [
    'extensions',
    { name: 'Aaron Collins', phone: '330-280-1898 x12' },
    { ...other, phone: '(330) 280-1898 ext. 5' },
    'DENIED',
  ],
  [
    'a warning before the number',
    { name: 'Aaron Collins', phone: '330-280-1898' },
    { ...other, phone: 'DO NOT CALL 330-280-1898' },
    'DENIED',
  ],
  [
    'digits of Arabic script',
    { name: 'Aaron Collins', phone: '330-280-1898' },
    { ...other, phone: '\u0663\u0663\u0660\u0662\u0668\u0660\u0661\u0668\u0669\u0668' },
    'DENIED',
  ],
  [
    'a number of Mexico with the old mobile prefix',
    { name: 'Aaron Collins', phone: '+52 1 55 1234 5678' },
    { ...other, phone: '+52 55 1234 5678' },
    'DENIED',
  ],
  [
    'a number with the prefix for abroad',
    { name: 'Aaron Collins', phone: '00 44 20 7946 0958' },
    { ...other, phone: '+44 20 7946 0958' },
    'DENIED',
  ],
  [
    'a number that no plan has',
    { name: 'Aaron Collins', phone: '330-180-1898' },
    { ...other, phone: '1 330 180 1898' },
    'DENIED',
  ],
  [
    'a number that a spreadsheet wrote',
    { name: 'Aaron Collins', phone: '3302801898.0' },
    { ...other, phone: '330-280-1898' },
    'DENIED',
  ],
  [
    'a number that a spreadsheet shortened',
    { name: 'Aaron Collins', phone: '330-280-1898' },
    { ...other, phone: '3.302801898E9' },
    'DENIED',
  ],
  [
    'a number with a digit too many',
    { name: 'Aaron Collins', phone: '33028018980' },
    { ...other, phone: '302-801-8980' },
    'NOT DENIED',
  ],
  [
    'a number of nine digits with decimals',
    { name: 'Aaron Collins', phone: '330280189.0' },
    { ...other, phone: '330-280-1890' },
    'NOT DENIED',
  ],
  [
    'an invisible character in the address',
    { name: 'Aaron Collins', email: 'aaron@example.org' },
    { ...other, email: 'aar\u200bon@example.org' },
    'DENIED',
  ],
  [
    'full-width letters in the address',
    { name: 'Aaron Collins', email: 'aaron@example.org' },
    { ...other, email: '\uff41aron\uff20example.org' },
    'DENIED',
  ],
  [
    'a remark behind the address',
    { name: 'Aaron Collins', email: 'aaron@example.org' },
    { ...other, email: 'aaron@example.org (work)' },
    'DENIED',
  ],
  [
    'a label before the address',
    { name: 'Aaron Collins', email: 'aaron@example.org' },
    { ...other, email: 'E-mail: Aaron@example.org' },
    'DENIED',
  ],
  [
    'addresses with a slash between them',
    { name: 'Aaron Collins', email: 'aaron@example.org' },
    { ...other, email: 'a.c@example.net/aaron@example.org' },
    'DENIED',
  ],
  [
    'addresses with a space between them',
    { name: 'Aaron Collins', email: 'a.c@example.net aaron@example.org' },
    { ...other, email: 'aaron@example.org' },
    'DENIED',
  ],
  [
    'mailboxes in the order',
    { name: 'Aaron Collins', email: 'A <aaron@example.org>, B <b@example.org>' },
    { ...other, email: 'aaron@example.org' },
    'DENIED',
  ],
  [
    'a mailto with a subject',
    { name: 'Aaron Collins', email: 'mailto:aaron@example.org?subject=x' },
    { ...other, email: 'aaron@example.org' },
    'DENIED',
  ],
  [
    'letters without a decomposition in the record alone',
    { ...aaron, name: 'Lukasz Dordevic' },
    { name: '\u0141ukasz \u0110or\u0111evi\u0107', ...elsewhere },
    'DENIED',
  ],
  ['a capital sharp s', { ...aaron, name: 'Jan Weiss' }, { name: 'JAN WEI\u1e9e', ...elsewhere }, 'DENIED'],
  [
    'an umlaut written with e',
    { ...aaron, name: 'J\u00f6rg M\u00fcller' },
    { name: 'Joerg Mueller', ...elsewhere },
    'DENIED',
  ],
  [
    'a dotted capital i',
    { ...aaron, name: 'Isik Inan' },
    { name: 'I\u015f\u0131k \u0130nan', ...elsewhere },
    'DENIED',
  ],
  [
    'a comma and no space',
    { ...aaron, name: 'Ana De La Cruz' },
    { name: 'DELACRUZ, ANA', ...elsewhere },
    'DENIED',
  ],
  [
    'surname first and no space',
    { ...aaron, name: 'Ana De La Cruz' },
    { name: 'DELACRUZ ANA', ...elsewhere },
    'DENIED',
  ],
  [
    'a hyphen that is a space',
    { ...aaron, name: 'Ann-Marie Lee-Park' },
    { name: 'Lee Park Ann Marie', ...elsewhere },
    'DENIED',
  ],
  [
    'an apostrophe of a word processor',
    { ...aaron, name: "Sean O'Brien" },
    { name: 'Sean O\u2019Brien', ...elsewhere },
    'DENIED',
  ],
  [
    'an apostrophe that is a space',
    { ...aaron, name: "Sean O'Brien" },
    { name: 'Sean O Brien', ...elsewhere },
    'DENIED',
  ],
  ['a title', { ...aaron, name: 'Aaron Collins' }, { name: 'Mr. Aaron Collins', ...elsewhere }, 'DENIED'],
  [
    'a nickname in parentheses',
    { ...aaron, name: 'Robert Smith' },
    { name: 'Robert (Bob) Smith', ...elsewhere },
    'DENIED',
  ],
  [
    'a suffix, with the phone',
    { name: 'Aaron Collins', phone: '330-280-1898' },
    { name: 'Aaron Collins Jr.', phone: '330-280-1898' },
    'DENIED',
  ],
  [
    'a left-to-right mark in the name',
    { ...aaron },
    { name: '\u200eAaron\u00a0Collins\u200e', ...elsewhere },
    'DENIED',
  ],
  ['full-width letters in the name', { ...aaron }, { name: '\uff21aron Collins', ...elsewhere }, 'DENIED'],
  ['a district id as a number in the order', { sisId: 77 }, { name: 'Q Other', sis_id: '77' }, 'DENIED'],
  ['a district id with zeros before it', { sisId: '0077' }, { name: 'Q Other', sis_id: 77 }, 'DENIED'],
  [
    'a district id in full-width digits',
    { sisId: '77' },
    { name: 'Q Other', sis_id: '\uff17\uff17' },
    'DENIED',
  ],
  ['another district id', { sisId: '77' }, { name: 'Q Other', sis_id: '770' }, 'NOT DENIED'],
  [
    'a placeholder for an address',
    { name: 'Aaron Collins', email: 'none@none.com' },
    { name: 'Aron Collins', email: 'none@none.com' },
    'NOT DENIED',
  ],
  [
    'placeholders for both addresses',
    { name: 'Aaron Collins', email: 'n/a', phone: '000-000-0000' },
    { name: 'Beth Diaz', email: 'n/a', phone: '000-000-0000' },
    'NOT DENIED',
  ],
  [
    'the wife, at the phone of the house',
    { name: 'Mr. Aaron Collins', phone: '330-280-1898' },
    { name: 'Beth Collins', phone: '330-280-1898' },
    'NOT DENIED',
  ],
]
