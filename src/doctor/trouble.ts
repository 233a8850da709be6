import { tlsTrouble } from '../client/answer'

/** Why a connection was not made, and what to do about it. `where` is a host, or what stands in its place. */
export function connectionTrouble(error: unknown, where: string): { message: string; cure: string } {
  const code = codeOf(error)
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return {
      message: `DNS does not know ${where} (${code})`,
      cure: "Check the URL's spelling, and this machine's DNS.",
    }
  if (code === 'ECONNREFUSED')
    return { message: `nothing listens at ${where} (${code})`, cure: 'Check host and port; is it running?' }
  const trouble = tlsTrouble(code)
  if (trouble === 'certificate')
    return {
      message: `the certificate of ${where} is not accepted (${code})`,
      cure: 'Renew it. Behind a proxy that opens TLS, name its CA in NODE_EXTRA_CA_CERTS.',
    }
  if (trouble === 'protocol')
    return { message: `${where} makes no TLS connection (${code})`, cure: 'Check that its port speaks https.' }
  return {
    message: `${where} can't be reached (${code})`,
    cure: 'A firewall may stand between.',
  }
}

/** fetch wraps what went wrong. */
function codeOf(error: unknown): string {
  const { code, name, cause } = error as { code?: unknown; name?: string; cause?: unknown }
  if (typeof code === 'string') return code
  if (cause !== undefined) return codeOf(cause)
  return name === 'TimeoutError' ? 'no answer in time' : 'no code'
}

/** An error of the app's own may quote how to reach a database, with a password: its class and code alone are shown. */
export function classAndCode(error: unknown): string {
  if (!(error instanceof Error)) return 'no error'
  const { name, message, code = /^[A-Z]+\b/.exec(message)?.[0] } = error as NodeJS.ErrnoException
  return code === undefined ? name : `${name} ${code}`
}
