const DISTRICT = '6385008f69df036e83e984a3'
const RUTH_WHITFIELD = '634e6a4e4cb4acdc4d31e213'
const JONAH_COLLINS = '63850203bfb8460546071e6e'

/** The office of the sandbox's school. It changes records, and lets the district sync with Clever. */
export class SchoolOffice {
  readonly #sandboxUrl: string
  #isRuthListed = false

  constructor(sandboxUrl: string) {
    this.#sandboxUrl = sandboxUrl
  }

  /** Ruth Whitfield becomes an emergency contact of her nephew Jonah, or no longer is one. */
  async changeEmergencyContact(): Promise<void> {
    const pair = { contactId: RUTH_WHITFIELD, studentId: JONAH_COLLINS }
    if (this.#isRuthListed) await this.#post('end-relationship', pair)
    else await this.#post('add-relationship', { ...pair, relationship: 'Aunt/Uncle', type: 'Emergency' })
    this.#isRuthListed = !this.#isRuthListed
    await this.sync()
  }

  /** A share of the contacts, from 0 to 1, gets another phone. */
  async changePhones(share: number): Promise<void> {
    await this.#post('change-contacts', { share })
    await this.sync()
  }

  /** The district turns Clever's Events API on or off. */
  setEvents(state: 'on' | 'off'): Promise<void> {
    return this.#post('set-events', { state })
  }

  sync(): Promise<void> {
    return this.#post('sync', {})
  }

  async #post(action: string, body: object): Promise<void> {
    const response = await fetch(`${this.#sandboxUrl}/_sandbox/districts/${DISTRICT}/${action}`, {
      method: 'POST',
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`${action}: ${await response.text()}`)
  }
}
