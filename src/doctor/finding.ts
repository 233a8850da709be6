/** What one check came to. `skipped`: it could not be made, and the message says why. */
export interface Finding {
  check: string
  status: 'ok' | 'warning' | 'failed' | 'skipped'
  message: string
  /** What to do about it. */
  cure?: string
}

export type Verdict = Omit<Finding, 'check'>

export function ok(message: string): Verdict {
  return { status: 'ok', message }
}

export function warning(message: string, cure: string): Verdict {
  return { status: 'warning', message, cure }
}

export function failed(message: string, cure?: string): Verdict {
  return { status: 'failed', message, cure }
}

export function skipped(message: string, cure?: string): Verdict {
  return { status: 'skipped', message, cure }
}
