/** What customers can change by themselves. */
export interface Profile {
  name: string
  email: string
}

export interface Customer extends Profile {
  id: string
  accountNumber: string
  savings: number
}

export const customers: readonly Customer[] = [
  { id: 'alice', name: 'Alice Martin', email: 'alice@example.com', accountNumber: '2041 7718', savings: 1_250_000 },
  { id: 'bob', name: 'Bob Osei', email: 'bob@example.com', accountNumber: '2041 9035', savings: 84_050 },
  { id: 'chiara', name: 'Chiara Conti', email: 'chiara@example.com', accountNumber: '2042 1162', savings: 430_000 },
]
