import type { Seed } from 'authsignal-emulator'

/** A seed, and not set in code: "Forget everything" on the emulator's dashboard goes back to it. */
export function demoSeed(webhookUrl: string): Seed {
  return {
    webhookUrl,
    defaults: {
      viewStatement: 'ALLOW',
      transfer: 'CHALLENGE_REQUIRED',
      withdraw: 'CHALLENGE_REQUIRED',
      changeSettings: 'CHALLENGE_REQUIRED',
      manageSecurity: 'CHALLENGE_REQUIRED',
      addPhone: 'CHALLENGE_REQUIRED',
    },
    rules: {
      withdraw: [
        {
          ruleId: 'large-withdrawal',
          name: 'Large withdrawal',
          when: { fact: 'amount', operator: 'greaterThan', value: 200 },
          outcome: 'BLOCK',
        },
      ],
    },
  }
}
