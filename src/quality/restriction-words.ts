/**
 * The words of a restriction note, as `foldNote` writes them: no case, no accents, no apostrophes, one space
 * between words. In English and Spanish, as school offices write them about custody and court orders.
 * docs/access-and-policy.md says what they do. A row matches whole words only.
 */

/** Words that are notes without other words. */
export const PHRASES: readonly string[] = [
  ...[
    'order for protection',
    'orders for protection',
    'restraint order',
    'stalking order',
    'no stalking order',
  ],
  ...['barred from', 'barred', 'rights severed', 'rights term', 'lost rights', 'lost parental rights'],
  ...['terminated rights', 'court supervised', 'visits supervised', 'supervision required', 'not safe'],
  ...[
    'custodial parent only',
    'release only to',
    'limited contact',
    'limit contact',
    'legal issue',
    'legal issues',
  ],
  ...[
    'not a guardian',
    'not legal guardian',
    'not the legal guardian',
    'orden restriccion',
    'orden de no contacto',
  ],
  ...['orden de restricion', 'restricion', 'restriciones', 'restrainig', 'restrainning', 'restaining'],
  ...['restrict', 'custodial issue', 'custodial issues', 'custodial dispute', 'custodial interference'],
  ...['divorce decree', 'court decree', 'orden restrictiva'],
  ...[
    // Calls without the number of the caller.
    'restricted(?! (?:calls?|numbers?)(?: |$))',
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
  ...['rights(?: (?:were|was|are|have|has|had|been))* (?:terminated|revoked|suspended|removed|severed)'],
  ...['derechos(?: (?:fueron|han|sido|estan))* (?:terminados|revocados|suspendidos)', 'perdio derechos'],
  ...['patria potestad', 'custodial order', 'order of (?:the )?court', 'order from (?:the )?court'],
  ...['legal (?:order|hold|file|docs|documents|papers)', 're[a-z]{0,3}tra[a-z]* order'],
  ...['prohib(?:e|en|ir|ited|ido|idos|ida|idas|icion)', 'tiene la custodia', 'off limits'],
  ...['domestic violence', 'violencia domestica', 'violencia familiar', 'medidas? de proteccion'],
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
    'unauthorized',
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

/** Words that are notes without other words, except in names, where they may be parts of names. */
export const PHRASES_NOT_IN_NAMES: readonly string[] = [
  ...[
    'custodia',
    'custodias',
    'la custodia',
    'tro',
    'ppo',
    'denegado',
    'denegada',
    'vetado',
    'vetada',
    'dvro',
    'dvpo',
    'denied',
    'revoked',
    'non contact',
    'no pu',
    'not pu',
  ],
]

/**
 * Words that are notes without other words, but only in an entry. Elsewhere they are names, or about the way
 * to reach a person.
 */
export const PHRASES_IN_ENTRIES: readonly string[] = [
  ...['ofp', 'pfa', 'epo', 'cpo', 'tpr', 'dnr', 'ro', 'tpo', 'oop', 'hro', 'nco', 'nc order', 'ncp', 'ban'],
  ...[
    'supervised',
    'terminated',
    'restr(?:[ai][a-z]*)?',
    'non cust',
    'deny',
    'blocked',
    'excluded',
    'enjoined',
  ],
  // Except for people whom a court appoints.
  ...['(?:court|crt)(?! (?:appointed|appt|guardian|liaison|advocate|officer|reporter|clerk))', 'ct order'],
  ...['corte', 'tribunal', 'juzgado', 'jue[zc](?:es)?', 'per judge', 'judge order'],
  ...['stalker', 'stalking', 'abuser', 'abusive', 'abduction', 'dangerous', 'peligros[oa]', 'agresora?'],
  ...['negad[oa]', 'alejad[oa]', 'bloquead[oa]', 'impedid[oa]', 'inhabilitad[oa]', 'safety plan'],
]

/** Actions that complete a note after a negation, in an entry. */
export const ACTIONS_IN_ENTRIES: readonly string[] = [
  ...['near', 'take', 'overnight', 'salir', 'verl[oa]s?', 'ver', 'send', 'pick', 'auth', 'aut', 'unsup'],
  ...['cleared', 'eligible', 'enter', 'let in', 'campus', 'welcome', 'remove', 'see', 'speak', 'talk'],
  ...['discuss', 'inform', 'informed', 'notify', 'record access', 'student info', 'cntct'],
  ...['entrar', 'pasar', 'permiten?', 'tutora?', 'tutela'],
]

/** Negations. A negation and an action make a note: "do NOT RELEASE". */
export const NEGATIONS: readonly string[] = [
  ...[
    'no',
    'not',
    'never',
    'dont',
    'donot',
    'do nt',
    'don t',
    'can t',
    'cannot',
    'cant',
    'without',
    'wont',
    'shouldnt',
    'mustnt',
    'isnt',
  ],
  ...['nunca', 'jamas', 'sin', 'ni', 'ningun', 'cero', 'zero'],
]

/** Words that may come between a negation and its action, up to four of them: "NOT legally ALLOWED". */
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
  ...['allow', 'let', 'give', 'have', 'has', 'person', 'que', 'podra', 'dejen', 'deje', 'permitan'],
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
  ...['ninguna', 'circunstancia', 'permite', 'legalmente'],
]

/** Actions that complete a note after a negation. */
export const ACTIONS: readonly string[] = [
  ...[
    'contact',
    'contct',
    'conact',
    'contac',
    'communication',
    'discharge',
    'discharged',
    'send home',
    'send with',
    'leave with',
    'go with',
    'come near',
    'out information',
    'out info',
    'take student',
    'take child',
    'take children',
    'take the child',
    'alowed',
    'authorized to',
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
    'authorized',
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
    'recogera',
    'recoje',
    'hablar con',
    'darle',
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

/**
 * The same, except in phones and e-mails, where they are about how to reach a person: "no access to e-mail".
 */
export const ACTIONS_NOT_IN_ADDRESSES: readonly string[] = ['access', 'acceso']

/**
 * Words that make a note with an answer after them: "Release: NO". "Contact No." is not here, because it is
 * the label of a number.
 */
export const ANSWERED: readonly string[] = ['release', 'pickup', 'pick up', 'check out', 'visitation']
export const ANSWERS: readonly string[] = ['no', 'not', 'never', 'none', 'denied', 'false']

/**
 * Notes that may be written as one word, alone or joined to others: NOCONTACTORDER. No other word contains
 * them.
 */
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

/** Complete texts that mean that there is no way to reach a contact, or no restriction. */
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
  ...['unrestricted', 'sin informacion de contacto', 'sin numero de contacto'],
])

/**
 * A text of only these words means that there is no order, if it has a negation before or an answer after
 * them.
 */
export const NO_ORDER: readonly string[] = [
  ...['no', 'not', 'none', 'n', 'without', 'sin', 'ningun', 'ninguna', 'hay', 'known', 'current', 'active'],
  ...[
    'legal',
    'custody(?= (?:order|issue|alert|restriction|document|paper)s?(?: |$))',
    'court',
    'restraining',
    'protective',
    'protection',
    'on',
    'file',
    'noted',
    'listed',
  ],
  ...['reported', 'at', 'this', 'time', 'longer', 'de', 'la', 'corte', 'judicial', 'legales'],
]
/** Such a text must have one of these words: "no custody" is a note, but "no custody order" is not. */
export const ORDERS: readonly string[] = [
  ...['orders?', 'restrict(?:ed|ions?)', 'issues?', 'alerts?', 'documents?', 'docs', 'papers', 'problemas?'],
  ...['orden(?:es)?', 'restriccion(?:es)?'],
]

/**
 * Words after an action in a phone or an e-mail that say when or where to reach a person: "Do not contact AT
 * WORK".
 */
export const OCCASIONS: readonly string[] = [
  ...[
    '(?:at|while at|during) work',
    'at night',
    'en el trabajo',
    '(?:after|before|between|until) (?:noon|[0-9]+)',
  ],
]
