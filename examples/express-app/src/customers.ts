/** What customers can change by themselves. */
export interface Profile {
  name: string
  email: string
}

export interface Customer extends Profile {
  id: string
  accountNumber: string
  /** Verified when the account was opened. */
  phone: string
  savings: number
}

export const customers: readonly Customer[] = [
  {
    id: 'alice',
    name: 'Alice Martin',
    email: 'alice@example.com',
    accountNumber: '2041 7718',
    phone: '+447700900123',
    savings: 1_250_000,
  },
  {
    id: 'bob',
    name: 'Bob Osei',
    email: 'bob@example.com',
    accountNumber: '2041 9035',
    phone: '+447700900124',
    savings: 84_050,
  },
  {
    id: 'chiara',
    name: 'Chiara Conti',
    email: 'chiara@example.com',
    accountNumber: '2042 1162',
    phone: '+447700900125',
    savings: 430_000,
  },
]
