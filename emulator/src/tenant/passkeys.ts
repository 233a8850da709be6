import { createHash } from 'node:crypto'
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type WebAuthnCredential,
} from '@simplewebauthn/server'
import type { Authenticator, User, WebauthnCredential } from '../types'

const rpName = 'Authsignal emulator'

/** Where the browser sees the page: a passkey belongs to the domain it was made on. */
export interface Site {
  readonly rpId: string
  readonly origins: string[]
}

/** Passkeys (WebAuthn), and their public keys. */
export class Passkeys {
  /** Another map after a reset: what is verified meanwhile lands in the old one. */
  #keys = new Map<string, WebAuthnCredential>()
  readonly #challenges = new Set<string>()

  async registrationOptions(user: User, { rpId }: Site): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const options = await generateRegistrationOptions({
      rpName,
      rpID: rpId,
      userID: handleOf(user.userId),
      userName: user.username ?? user.email ?? user.userId,
      userDisplayName: user.displayName ?? '',
      excludeCredentials: credentialsOf(user),
      authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
    })
    this.#challenges.add(options.challenge)
    return options
  }

  /** Keeps the key; what is answered may be shown. */
  async register(answer: string, site: Site): Promise<Omit<WebauthnCredential, 'deviceId' | 'name'> | undefined> {
    const keys = this.#keys
    try {
      const response = JSON.parse(answer) as RegistrationResponseJSON
      const { registrationInfo } = await verifyRegistrationResponse({
        response,
        ...this.#expected(site),
      })
      if (!registrationInfo) return undefined
      const { credential, aaguid, credentialBackedUp, credentialDeviceType } = registrationInfo
      keys.set(credential.id, credential)
      const { authenticatorAttachment } = response
      return {
        credentialId: credential.id,
        aaguid,
        credentialBackedUp,
        credentialDeviceType,
        ...(authenticatorAttachment !== undefined && { authenticatorAttachment }),
      }
    } catch {
      // The library throws for everything that is not as expected; to the user it is all the same.
      return undefined
    }
  }

  async authenticationOptions(user: User, { rpId }: Site): Promise<PublicKeyCredentialRequestOptionsJSON> {
    const options = await generateAuthenticationOptions({
      rpID: rpId,
      allowCredentials: credentialsOf(user),
      userVerification: 'required',
    })
    this.#challenges.add(options.challenge)
    return options
  }

  /** Which of the user's passkeys it was, if it was one. */
  async authenticate(user: User, answer: string, site: Site): Promise<Authenticator | undefined> {
    const keys = this.#keys
    try {
      const response = JSON.parse(answer) as AuthenticationResponseJSON
      const { id } = response
      const credential = keys.get(id)
      const own = user.authenticators.find(({ webauthnCredential }) => webauthnCredential?.credentialId === id)
      if (!credential || !own) return undefined
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        response,
        credential,
        ...this.#expected(site),
      })
      if (!verified) return undefined
      keys.set(id, { ...credential, counter: authenticationInfo.newCounter })
      return own
    } catch {
      return undefined
    }
  }

  /** Each challenge is good for one answer. */
  #expected({ rpId, origins }: Site) {
    return {
      expectedChallenge: (challenge: string) => this.#challenges.delete(challenge),
      expectedOrigin: origins,
      expectedRPID: rpId,
      requireUserVerification: true,
    }
  }

  clear(): void {
    this.#keys = new Map()
    this.#challenges.clear()
  }
}

function credentialsOf(user: User): { id: string }[] {
  return user.authenticators.flatMap(({ webauthnCredential }) =>
    webauthnCredential ? [{ id: webauthnCredential.credentialId }] : [],
  )
}

/** WebAuthn allows 64 bytes, and asks for no personal data in them. */
function handleOf(userId: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(userId).digest())
}
