import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'

const IV_BYTES = 12
const TAG_BYTES = 16

/**
 * Encrypts what is kept (AES-256-GCM), with the entry's id as associated data: an entry moved to another id does not
 * open. Every id has a key of its own, so that the random nonces never come near the bound for one key.
 */
export class Seal {
  readonly #keys: readonly Buffer[]

  /** The first secret seals, all open. */
  constructor(secrets: readonly string[]) {
    this.#keys = secrets.map((secret) => Buffer.from(hkdfSync('sha256', secret, '', 'authsignal-express', 32)))
  }

  close(id: string, value: unknown): string {
    const iv = randomBytes(IV_BYTES)
    const cipher = createCipheriv('aes-256-gcm', entryKey(this.#sealingKey(), id), iv).setAAD(Buffer.from(id))
    const text = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()])
    return Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url')
  }

  /** The value, or undefined where none of the secrets opens it. */
  open(id: string, sealed: string): unknown {
    const bytes = Buffer.from(sealed, 'base64url')
    for (const key of this.#keys) {
      const text = decrypt(entryKey(key, id), id, bytes)
      if (text !== undefined) return JSON.parse(text)
    }
    return undefined
  }

  /** A name for something that a dump of the store must not show, nor let anyone guess. */
  pseudonym(value: string): string {
    return createHmac('sha256', this.#sealingKey()).update(`pseudonym:${value}`).digest('base64url')
  }

  #sealingKey(): Buffer {
    return this.#keys[0] as Buffer
  }
}

function entryKey(key: Buffer, id: string): Buffer {
  return createHmac('sha256', key).update(`entry:${id}`).digest()
}

function decrypt(key: Buffer, id: string, bytes: Buffer): string | undefined {
  if (bytes.length < IV_BYTES + TAG_BYTES) return undefined
  const iv = bytes.subarray(0, IV_BYTES)
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(id))
    .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
  try {
    return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
  } catch {
    return undefined
  }
}
