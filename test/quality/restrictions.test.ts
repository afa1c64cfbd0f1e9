import { describe, expect, it } from 'vitest'
import { isRestrictionNote } from '../../src/quality/restrictions.ts'

describe('a restriction note', () => {
  it.each([
    ...[
      'NO CONTACT',
      'no-contact',
      'NOCONTACT',
      'N O  C O N T A C T',
      'No_Contact',
      'N0 C0NTACT',
      'NoContact',
    ],
    ...[
      '***NO CONTACT***',
      'NO&nbsp;CONTACT',
      'ＮＯ ＣＯＮＴＡＣＴ',
      'no\u200bcontact',
      'N̶O̶ C̶O̶N̶T̶A̶C̶T̶',
      'no\ncontact',
    ],
    ...['Restricted', 'RESTRICTED!!', 'restricted - do not release', 'DO NOT RELEASE', 'DONOTRELEASE'],
    ...["Don't release to dad", 'Don’t contact', 'do not contact', 'Mother - DO NOT RELEASE', 'Release: NO'],
    ...[
      'court order',
      'Court-Ordered',
      'see court orders',
      'custody',
      'joint custody',
      'Legal custody: mother',
    ],
    ...['Restraining Order', 'protective order', 'Order of Protection', 'no contact order', 'NOCONTACTORDER'],
    ...[
      'no pickup',
      'NO PICK-UP',
      'No student pickup',
      'not on pickup list',
      'Cannot pick up',
      'may not pick up',
    ],
    ...[
      'not allowed',
      'not legally allowed',
      'NOT AUTHORIZED',
      'unauthorized',
      'not permitted',
      'PROHIBITED',
    ],
    ...['no visitation', 'supervised visits only', 'non-custodial parent', 'parental rights terminated'],
    ...['do not allow contact', 'no physical contact', 'do not let him pick up', 'stay away', 'no rights'],
    ...['no contactar', 'NO-CONTACTAR', 'sin contacto', 'orden de restricción', 'orden de alejamiento'],
    ...[
      'ORDEN DE PROTECCIÓN',
      'orden judicial',
      'no entregar',
      'no se le puede entregar',
      'prohibido recoger',
    ],
    ...[
      'NO autorizado para recoger',
      'no dejar recoger',
      'no puede recoger al niño',
      'restringida',
      'sin custodia',
    ],
    ...[
      'Order for protection',
      'barred from campus',
      'no communication',
      'do not give out information',
      'don t contact',
    ],
    ...[
      'Do not send home with',
      'may not take child',
      'NOT ALOWED',
      'do not contct',
      'parental rights severed',
    ],
    ...[
      'orden de restricion',
      'no dejar que recoja',
      'NO RECOJE',
      'no podrá recoger',
      'orden de no contacto',
    ],
    ...[
      'custodia compartida',
      'no tiene custodia',
      'no permitido',
      'no se permite el contacto',
      'orden restrictiva',
      'Custodial issues',
      'see divorce decree',
      'acceso restringido',
      'parental rights were terminated',
      'derechos revocados',
      'se prohíbe el contacto',
      'restraning order',
      'order of the court',
      'legal docs on file',
      'ningún contacto',
      'medida de protección',
      'domestic violence',
    ],
  ])('is found: %s', (text) => {
    for (const place of ['ENTRY', 'NAME', 'ADDRESS'] as const)
      expect(isRestrictionNote(text, place)).toBe(true)
    expect(isRestrictionNote(`Ana Ruiz (${text})`, 'NAME')).toBe(true)
    expect(isRestrictionNote(`330-280-1898 ${text}`, 'ADDRESS')).toBe(true)
  })

  it.each([
    'TRO on file',
    'OFP',
    'PFA order',
    'has RO',
    'supervised',
    'do not let near child',
    'no puede ver al niño',
    'no lo dejen salir',
    'PPO',
    'access denied',
    'rights revoked',
    'DO NOT P/U',
    'non-contact',
    'custodia',
    'NO ACCESS',
    'no tiene acceso',
    ...['R/O', 'RO in place', 'RESTRICTD', 'restrained', 'per court', 'court ruling', 'Court involved'],
    ...['not on campus', 'may not enter', 'do not remove student', 'not auth', 'non-cust parent', 'Deny'],
    ...[
      'no puede entrar',
      'no es tutor legal',
      'mandato de la corte',
      'impedido de recoger',
      'acceso negado',
    ],
    ...[
      'NO: court order on file',
      'No; restraining order',
      'no legal custody',
      'no custody; court order on file',
    ],
    ...['No custody court order', 'No custody. Legal alert'],
  ])('is found in an entry: %s', (text) => {
    expect(isRestrictionNote(text, 'ENTRY')).toBe(true)
  })

  it.each([
    ...['María de la Custodia', 'Rosa La Custodia', 'James Court', 'Zero Mostel', 'R O Corte'],
    ...['Ban Ki Moon', 'Ni Ver', 'Not Near', 'Sin Salir', 'Ni Take', 'No Send', 'Tpr Rao', 'Cpo James Dean'],
    ...['Court', 'Mary Court', 'Courtney Order', 'Custodio', 'María Custodia', 'Custódia Silva', 'Restrepo'],
    ...[
      'Contact',
      'Bruno Contact',
      'No',
      'Jong No',
      'No Yoon',
      'Noé Contreras',
      'Noel Conte',
      'Not Kim',
      'Non Kahn',
    ],
    ...[
      'Never Justice',
      'Release Mokoena',
      'Blessing Allow',
      'Patience Visitacion',
      'Visitación Cruz',
      'Order Chang',
    ],
    ...[
      'Justice Banner',
      'Ban Tran',
      'Barr Wright',
      'Wright-Noble',
      'Alejandra Mandujano',
      'Sin Lee',
      'Retirado Luz',
    ],
    ...[
      'Protacio Santos',
      'Stay Lee',
      'Grant Wright',
      'Cant Pickering',
      'Pickup Jones',
      'Access Moyo',
      'Jamas Ali',
    ],
    ...[
      'Permita Das',
      'Prohaska',
      'Restria Ann',
      'Trespalacios',
      'Forbes Denney',
      'J R Nocon',
      'D N R Patel',
      'Tro Nguyen',
      'No Pu',
      'Denied Okafor',
      'N O Conn',
    ],
  ])('is no name: %s', (name) => {
    expect(isRestrictionNote(name, 'NAME')).toBe(false)
  })

  it.each([
    ...[
      'Emergency Contact',
      'Contacto de emergencia',
      'Emergency Contact - no. 1',
      'Court-appointed guardian',
    ],
    ...[
      'custodial parent',
      'Custodian',
      'Protective parent',
      'Authorized pickup',
      'Pick up person',
      'Not related',
    ],
    ...[
      'No relation',
      'Non-relative',
      'No preference',
      'Unrestricted',
      'No restrictions',
      'Court liaison',
      'Restroom monitor',
      'No known restrictions',
      'No restraining order',
      'no court order on file',
      'No legal issues',
      'no longer restricted',
      'Restrictions: none',
      'Court order: no',
      'sin orden de restricción',
      'No hay orden de la corte',
      'No relation',
      'Release OK',
      'Not Set',
    ],
  ])('is no word of an entry: %s', (text) => {
    expect(isRestrictionNote(text, 'ENTRY')).toBe(false)
  })

  it.each([
    ...[
      '330-280-1898 (do not call at work)',
      'no collect calls',
      'No calls at work',
      'no home phone',
      'No tiene',
    ],
    ...[
      'Does not speak English',
      'No habla inglés',
      'no internet access',
      'no access to email',
      'no contesta',
    ],
    ...[
      'Contact No: 330-280-1898',
      'No contact information',
      'do not call - contact mother',
      'not in service',
    ],
    ...['do not contact at work', 'no contact after 9pm', 'Not permitted at work', 'no restricted calls'],
    ...['ext. 5, no voicemail', 'no text messages', 'wrong number - do not use', 'cell only, no landline'],
  ])('is no remark on a phone: %s', (text) => {
    expect(isRestrictionNote(text, 'ADDRESS')).toBe(false)
  })

  it('is looked for in time that grows with the text', () => {
    const texts = [
      'no ',
      'not be ',
      'n o ',
      'do not allow ',
      'a ',
      'no legally be to the ',
      '0a',
      "'",
      '&amp;',
    ].map((part) => part.repeat(1_000 / part.length))
    const start = performance.now()
    for (const text of texts) for (let n = 0; n < 10; n += 1) isRestrictionNote(text, 'ENTRY')
    expect(performance.now() - start).toBeLessThan(1_000)
  })
})
