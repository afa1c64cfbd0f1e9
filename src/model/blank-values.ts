/**
 * Words that student information systems and people write for "no value", in English and Spanish, as `keyOf`
 * folds them. Observed in rosters and in exports of spreadsheets and databases. "No relation" is not here,
 * because it says something.
 */
const BLANK_VALUES: ReadonlySet<string> = new Set([
  ...['na', 'notapplicable', 'notavailable', 'notset', 'unset', 'notspecified', 'unspecified', 'notprovided'],
  ...['notgiven', 'notlisted', 'notentered', 'notselected', 'notassigned', 'unassigned', 'notdefined'],
  ...[
    'notknown',
    'unknown',
    'unk',
    'unkn',
    'unknwn',
    'notsaid',
    'notstated',
    'notindicated',
    'notdetermined',
  ],
  ...[
    'unkown',
    'uknown',
    'unknow',
    'unkonwn',
    'unspec',
    'unknownother',
    'otherunknown',
    'noneunknown',
    'notsure',
  ],
  ...[
    'noselection',
    'doesnotapply',
    'datanotavailable',
    'missing',
    'missingdata',
    'noneoftheabove',
    'nullnull',
  ],
  ...[
    'noconsta',
    'noinformado',
    'noinformada',
    'nocontesta',
    'noprocede',
    'ningunoa',
    'desconocidoa',
    'pendiente',
  ],
  ...['pending', 'objectobject', 'nd'],
  ...['notonfile', 'notrecorded', 'notreported', 'notidentified', 'undetermined'],
  ...['none', 'nothing', 'novalue', 'noentry', 'nodata', 'noinfo', 'noinformation', 'noanswer', 'noresponse'],
  ...['nonegiven', 'noneprovided', 'nonelisted', 'noneselected', 'nonespecified', 'noneentered'],
  ...['norelationshipspecified', 'relationshipunknown', 'unknownrelationship', 'unknowntype'],
  ...['null', 'nil', 'nan', 'undefined', 'blank', 'empty', 'ref', 'nullvalue'],
  ...['tbd', 'tba', 'tobedetermined', 'tobeannounced'],
  ...['select', 'selectone', 'pleaseselect', 'pleaseselectone', 'choose', 'chooseone', 'pleasechoose'],
  ...['ninguno', 'ninguna', 'nada', 'nulo', 'vacio', 'enblanco', 'desconocido', 'desconocida', 'sedesconoce'],
  ...[
    'noaplica',
    'noaplicable',
    'noseaplica',
    'nodisponible',
    'nosabe',
    'nosesabe',
    'noconocido',
    'noconocida',
  ],
  ...['noespecificado', 'noespecificada', 'sinespecificar', 'nodefinido', 'nodefinida', 'sindefinir'],
  ...[
    'noindicado',
    'noindicada',
    'sinindicar',
    'noasignado',
    'noasignada',
    'sinasignar',
    'sindatos',
    'sindato',
  ],
  ...[
    'nohaydatos',
    'sinvalor',
    'sininformacion',
    'nodeclarado',
    'nodeclarada',
    'noregistrado',
    'noregistrada',
  ],
  ...['pordefinir', 'pordeterminar', 'seleccione', 'seleccionar', 'seleccioneuno', 'seleccioneuna'],
])

/** The maximum number of characters of a row with punctuation. */
const MAX_LENGTH = 60

/** Punctuation, spaces and characters that show nothing. Symbols, such as a warning sign, are not blank. */
const NOTHING = /^[\p{P}\p{Z}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]*$/u

/** The error values of spreadsheets. */
const SPREADSHEET_ERROR = /^#(?:null!|div\/0!|value!|ref!|name\?|num!|spill!|calc!|error!|getting_data)$/i

/** Whether a text of an open enum means "no value": blank, punctuation alone, or a word such as N/A. */
export function isBlankValue(text: string): boolean {
  return (
    NOTHING.test(text) ||
    SPREADSHEET_ERROR.test(text) ||
    (text.length <= MAX_LENGTH && BLANK_VALUES.has(keyOf(text)))
  )
}

/** Without case, accents, punctuation and invisible characters: "#N/A", "n.a." and "NA" are one word. */
function keyOf(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]+/gu, '')
    .toLowerCase()
}
