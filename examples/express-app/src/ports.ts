const TRIES = 20

/** Starts on the port that the environment variable names, or else on the first free one from `preferred` on. */
export async function startOnPort<T>(
  variable: string,
  preferred: number,
  start: (port: number) => Promise<T>,
): Promise<T> {
  const wanted = process.env[variable]
  return wanted ? startOn(variable, wanted, start) : startFrom(preferred, start)
}

async function startOn<T>(variable: string, wanted: string, start: (port: number) => Promise<T>): Promise<T> {
  const port = Number(wanted)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`${variable}=${wanted} is not a port.`)
  try {
    return await start(port)
  } catch (error) {
    throw isBusy(error) ? new Error(`${variable}=${wanted}: something else listens on this port.`) : error
  }
}

async function startFrom<T>(preferred: number, start: (port: number) => Promise<T>): Promise<T> {
  for (let port = preferred; ; port++) {
    try {
      return await start(port)
    } catch (error) {
      if (!isBusy(error) || port === preferred + TRIES) throw error
      console.log(`Port ${port} is busy, trying ${port + 1}.`)
    }
  }
}

function isBusy(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
}
