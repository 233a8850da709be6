import type { ChallengeStore } from 'authsignal-express'
import { MINUTE } from './clock'

/** An entry that no secret unseals, as one that was sealed by a secret of another process. */
export async function addUnreadable(store: ChallengeStore, id: string): Promise<void> {
  await store.add(id, { sealed: 'unreadable', nonce: 'n', expiresAt: Date.now() + MINUTE }, MINUTE)
}
