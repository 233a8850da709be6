/** What a webhook's body says. */
export interface WebhookEvent {
  readonly version: number
  readonly type: WebhookType
  readonly id: string
  readonly source: string
  /** ISO 8601. */
  readonly time: string
  readonly tenantId: string
  readonly data?: Readonly<Record<string, unknown>> | undefined
  /** In log events only. */
  readonly records?:
    readonly { readonly type: WebhookType; readonly record: Readonly<Record<string, unknown>> }[] | undefined
}

export type WebhookType =
  | 'email.created'
  | 'sms.created'
  | 'action.verify'
  | 'authenticator.created'
  | 'authenticator.deleted'
  | 'action.log_created'
  | 'challenge.log_created'

/** A webhook on its way, or at its end. */
export interface WebhookDelivery {
  readonly event: WebhookEvent
  readonly url: string
  /** How often it was sent. */
  readonly attempts: number
  /** The last answer's; undefined where nothing was answered. */
  readonly status: number | undefined
  readonly state: 'sending' | 'delivered' | 'failed'
}
