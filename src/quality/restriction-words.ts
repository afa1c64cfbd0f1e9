/**
 * The words of a restriction note, as `foldNote` writes them: no case, no accents, no apostrophes, one space between
 * words. English and Spanish, as offices of schools write them about custody and court orders. README.md says what they
 * do. A row matches whole words only.
 */

/** Notes by themselves. */
export const PHRASES: readonly string[] = [
  ...['restrict', 'custodial issue', 'custodial issues', 'custodial dispute', 'custodial interference'],
  ...['divorce decree', 'court decree', 'orden restrictiva', 'la custodia'],
  ...[
    'restricted',
    'restriction',
    'restrictions',
    'restraining',
    'custody',
    'noncustodial',
    'non custodial',
    'non authorized',
  ],
  ...[
    'prohibited',
    'forbidden',
    'banned',
    'injunction',
    'no trespass',
    'trespass',
    'trespassed',
    'trespassing',
  ],
  ...['court order', 'court orders', 'court ordered', 'court papers', 'court paperwork', 'court documents'],
  ...['court restriction', 'court docs', 'legal documents on file', 'legal papers on file', 'see legal'],
  ...[
    'protective order',
    'protective orders',
    'protection order',
    'protection orders',
    'order of protection',
  ],
  ...['orders of protection', 'protection from abuse', 'stay away', 'peace order', 'harassment order'],
  ...['legal alert', 'court alert', 'safety alert', 'security alert', 'access denied', 'denied access'],
  ...['rights terminated', 'rights revoked', 'rights suspended', 'rights removed', 'terminated rights'],
  ...[
    'terminated parental rights',
    'termination of parental rights',
    'termination of rights',
    'lost custody',
  ],
  ...[
    'supervised visit',
    'supervised visits',
    'supervised visitation',
    'supervised contact',
    'supervised only',
  ],
  ...[
    'sex offender',
    'registered offender',
    'keep away',
    'refuse release',
    'deny release',
    'unauthorized',
    'unauthorised',
  ],
  ...['restringido', 'restringida', 'restringidos', 'restringidas', 'restriccion', 'restricciones'],
  ...['prohibido', 'prohibida', 'prohibicion', 'orden de alejamiento', 'orden alejamiento', 'alejamiento'],
  ...['orden de proteccion', 'orden proteccion', 'orden judicial', 'ordenes judiciales', 'orden del juez'],
  ...['orden de un juez', 'orden de juez', 'orden de la corte', 'orden de corte', 'orden del tribunal'],
  ...['orden del juzgado', 'mandato judicial', 'medida cautelar', 'medidas cautelares', 'visita supervisada'],
  ...['custodia compartida', 'custodia legal', 'custodia completa', 'custodia total', 'custodia exclusiva'],
  ...['custodia temporal', 'custodia fisica', 'tiene custodia'],
  ...[
    'visitas supervisadas',
    'acceso denegado',
    'acceso restringido',
    'mantenerse alejado',
    'mantenerse alejada',
  ],
]

/** Notes by themselves, except in names: they are also names, or parts of names. */
export const PHRASES_NOT_IN_NAMES: readonly string[] = [
  ...[
    'custodia',
    'custodias',
    'tro',
    'ppo',
    'dvro',
    'dvpo',
    'denied',
    'revoked',
    'non contact',
    'no pu',
    'not pu',
  ],
]

/** Begin a note that an action ends: "do NOT RELEASE". */
export const NEGATIONS: readonly string[] = [
  ...[
    'no',
    'not',
    'never',
    'dont',
    'donot',
    'cannot',
    'cant',
    'without',
    'wont',
    'shouldnt',
    'mustnt',
    'isnt',
  ],
  ...['nunca', 'jamas', 'sin', 'ni'],
]

/** May stand between a negation and its action, up to four of them: "NOT legally ALLOWED". */
export const FILLERS: readonly string[] = [
  ...[
    'be',
    'been',
    'is',
    'to',
    'the',
    'this',
    'a',
    'an',
    'any',
    'all',
    'ever',
    'or',
    'and',
    'with',
    'by',
    'for',
    'on',
  ],
  ...['legally', 'legal', 'direct', 'physical', 'further', 'under', 'circumstances', 'school', 'parental'],
  ...['student', 'students', 'child', 'children', 'kid', 'kids', 'him', 'her', 'them', 'currently', 'longer'],
  ...['allow', 'let', 'give', 'have', 'has', 'person'],
  ...[
    'se',
    'le',
    'lo',
    'la',
    'los',
    'las',
    'el',
    'al',
    'un',
    'una',
    'de',
    'del',
    'con',
    'y',
    'o',
    'por',
    'bajo',
  ],
  ...[
    'puede',
    'puedan',
    'pueden',
    'debe',
    'deben',
    'esta',
    'es',
    'ser',
    'tiene',
    'tienen',
    'tener',
    'haber',
    'ha',
  ],
  ...['dejar', 'dar', 'estudiante', 'alumno', 'alumna', 'nino', 'nina', 'ninos', 'hijo', 'hija', 'menor'],
  ...['ningun', 'ninguna', 'circunstancia', 'permite', 'legalmente'],
]

/** End a note that a negation begins. */
export const ACTIONS: readonly string[] = [
  ...[
    'contact',
    'contacted',
    'contacting',
    'call or contact',
    'release',
    'released',
    'releasing',
    'releases',
  ],
  ...['pickup', 'pickups', 'pick up', 'pick ups', 'picked up', 'picking up', 'picks up'],
  ...[
    'allowed',
    'authorized',
    'authorised',
    'permitted',
    'permission',
    'approved',
    'authorization',
    'consent',
  ],
  ...['visit', 'visits', 'visitation', 'visiting', 'disclose', 'share information', 'share info'],
  ...[
    'give information',
    'give info',
    'give student',
    'give child',
    'give to',
    'custodial',
    'rights',
    'right to',
  ],
  ...[
    'entitled',
    'unsupervised',
    'dismiss',
    'dismissed',
    'checkout',
    'check out',
    'sign out',
    'take from school',
  ],
  ...['see student', 'see child', 'see children', 'approach'],
  ...['contactar', 'contactarla', 'contactarlo', 'contactarse', 'contacte', 'contacten', 'contacto'],
  ...['entregar', 'entregarla', 'entregarlo', 'entregarle', 'entregue', 'entreguen', 'entrega', 'entregado'],
  ...[
    'recoger',
    'recojer',
    'dar informacion',
    'recogerla',
    'recogerlo',
    'recoja',
    'recojan',
    'recoge',
    'retirar',
    'retirarla',
    'retirarlo',
  ],
  ...['retire', 'retira', 'llevar', 'llevarse', 'llevarsela', 'llevarselo', 'lleve', 'soltar', 'liberar'],
  ...['permitir', 'permita', 'permitido', 'permitida', 'permiso', 'autorizado', 'autorizada', 'autorizados'],
  ...[
    'autorizar',
    'autorizacion',
    'visitas',
    'visita',
    'visitar',
    'acercarse',
    'acercar',
    'derechos',
    'derecho',
  ],
  ...['custodia', 'patria potestad', 'informar', 'divulgar', 'compartir informacion'],
]

/** The same, except in phones and e-mails, where they are about the way to reach a person: "no access to e-mail". */
export const ACTIONS_NOT_IN_ADDRESSES: readonly string[] = ['access', 'acceso']

/** Notes with the answer last: "Release: NO". "Contact No." is absent: it is the label of a number. */
export const ANSWERED: readonly string[] = ['release', 'pickup', 'pick up', 'check out', 'visitation']
export const ANSWERS: readonly string[] = ['no', 'not', 'never', 'none', 'denied', 'false']

/** Written as one word, alone or with others: NOCONTACTORDER. Parts of no other word. */
export const GLUED: readonly string[] = [
  ...['donotrelease', 'dontrelease', 'donotcontact', 'nocontact', 'nopickup', 'donotpickup', 'notallowed'],
  ...[
    'courtorder',
    'restrainingorder',
    'protectiveorder',
    'protectionorder',
    'orderofprotection',
    'noncustodial',
  ],
  ...['nocustody', 'jointcustody', 'solecustody', 'custodyalert', 'notauthorized', 'norelease', 'stayaway'],
  ...['nocontactar', 'noentregar', 'norecoger', 'noautorizado', 'noautorizada', 'ordenjudicial'],
  ...['ordenderestriccion', 'ordendealejamiento', 'ordendeproteccion', 'sincustodia', 'nopermitido'],
]

/** Whole texts that say that there is no way to reach a contact, or no restriction. */
export const NO_NOTES: ReadonlySet<string> = new Set([
  ...[
    'no contact info',
    'no contact information',
    'no contact number',
    'no contact phone',
    'no contact email',
  ],
  ...[
    'no contact listed',
    'no contact on file',
    'no contact available',
    'no contact entered',
    'no contact name',
  ],
  ...[
    'no contact person',
    'no contact details',
    'no contact phone number',
    'no contact provided',
    'no contact given',
  ],
  ...['no restriction', 'no restrictions', 'not restricted', 'unrestricted', 'without restriction'],
  ...['without restrictions', 'no court order', 'no court orders', 'no custody issues', 'no custody issue'],
  ...['no legal restrictions', 'no custody restrictions', 'no custody restriction', 'no restriction on file'],
  ...['no restrictions on file', 'sin restriccion', 'sin restricciones', 'ninguna restriccion'],
  ...['no hay restricciones', 'no hay restriccion', 'sin informacion de contacto', 'sin numero de contacto'],
])
