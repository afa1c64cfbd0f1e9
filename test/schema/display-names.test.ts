import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MIXED } from '../federation/documented-family.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'

describe('the name of a contact', () => {
  let gateway: TestGateway
  beforeAll(async () => {
    gateway = await startGateway({ ages: { displayMs: 0, decisionMs: 0 } })
  })
  afterAll(() => gateway[Symbol.asyncDispose]())

  async function shown(last: string) {
    gateway.sandbox.districts[0]?.editContact(MIXED, { name: { last } })
    const { data, errors } = await gateway.ask(
      `{ contact(id: "${MIXED}") { displayName name { last lastRaw } } }`,
    )
    expect(errors).toEqual([])
    const { displayName, name } = data.contact
    expect(name).toEqual({ last: displayName, lastRaw: last })
    return displayName
  }

  it.each([
    ['Persian', 'امیر\u200cحسین رستگار'],
    ['Sinhala', 'ශ්\u200dරීමතී පෙරේරා'],
    ['Devanagari', 'राजक्\u200dष'],
    ['Bengali, before the virama', 'র\u200d্যাব'],
    ['Malayalam, at the end of a word', 'രാജന്\u200d നായര്\u200d'],
    ['Kannada', 'ಸರ್\u200dವ್'],
    ['Urdu', 'بی\u200cبی'],
    ['Tamil', 'க்\u200cஷ'],
  ])('keepJoiners: %s', async (_script, name) => {
    expect(await shown(name)).toBe(name.normalize('NFC'))
  })

  it.each([
    ...['Aa\u200bron', '\u202eAaron', 'Aaron\u200d', 'Aa\u200cron'],
    ...[
      '\u200dAaron',
      'Aa\u00adron',
      'Aa\u2060ron',
      'Aaro\ufeffn',
      'Aaron\u200c\u200d',
      'A\u034faron',
      'Aa\u{e0001}ron',
    ],
  ])('dropInvisible: %j', async (name) => {
    expect(await shown(name)).toBe('Aaron')
  })

  it.each([
    ['امیر\u200c', 'امیر'],
    ['امیر\u200c\u200cحسین', 'امیر\u200cحسین'],
    ['امیر\u200bحسین', 'امیرحسین'],
    ['Amir\u200cحسین', 'Amirحسین'],
  ])('keeps no joiner that changes nothing: %j', async (name, seen) => {
    expect(await shown(name)).toBe(seen)
  })

  it.each([
    ['O&#39;Brien', "O'Brien"],
    ['Lee &amp; Sons', 'Lee & Sons'],
    ['O&#x27;Brien', "O'Brien"],
    ['O&#X2019;Brien', 'O’Brien'],
    ['O&apos;Brien', "O'Brien"],
    ['O&rsquo;Brien', 'O’Brien'],
    ['O&#039;Brien', "O'Brien"],
    ['O&#146;Brien', 'O’Brien'],
    ['Jos&eacute; Mu&ntilde;oz', 'José Muñoz'],
    ['&Lstrok;ukasz G&oacute;rski', 'Łukasz Górski'],
    ['Wei&szlig;', 'Weiß'],
    ['Ana&nbsp;Ruiz', 'Ana Ruiz'],
    ['Lee &Amp; Sons', 'Lee & Sons'],
    ['&quot;Bob&quot; Lee', '"Bob" Lee'],
  ])('htmlEntities: %s', async (name, seen) => {
    expect(await shown(name)).toBe(seen)
  })

  it.each([
    ['once and not twice', 'Lee &amp;amp; Sons', 'Lee &amp; Sons'],
    ['once and not twice, a number', 'O&amp;#39;Brien', 'O&#39;Brien'],
    ['but no markup', '&lt;b&gt;Lee&#60;/b&#x3e;', '&lt;b&gt;Lee&#60;/b&#x3e;'],
    ['but no control character', 'Lee&#0;&#7;&#127;', 'Lee&#0;&#7;&#127;'],
    ['but none without a character', 'Lee&#xD83D;&#1114112;', 'Lee&#xD83D;&#1114112;'],
    ['and then drops what shows nothing', 'Aa&#8203;ron&#x202E;', 'Aaron'],
    ['and then joins white space', 'Aaron&#10;&#9; Lee', 'Aaron Lee'],
    ['but no unknown one', 'AT&T; Lee &constructor; R&D', 'AT&T; Lee &constructor; R&D'],
  ])('has its entities decoded %s', async (_how, name, seen) => {
    expect(await shown(name)).toBe(seen)
  })

  it('is found as it is shown', async () => {
    await shown('Qu&oacute;nn O&#39;Zz')
    for (const search of ['quonn', 'o’zz', 'ozz']) {
      const { data } = await gateway.ask(
        'query ($search: String!) { contacts(filter: { search: $search }) { nodes { id } } }',
        { search },
      )
      expect(data.contacts.nodes).toEqual([{ id: MIXED }])
    }
  })
})
