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
  if (/CERT|TLS|SSL|UNABLE_TO|EPROTO/.test(code))
    return {
      message: `the certificate of ${where} is not accepted (${code})`,
      cure: 'Renew it. Behind a proxy that opens TLS, name its CA in NODE_EXTRA_CA_CERTS.',
    }
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
