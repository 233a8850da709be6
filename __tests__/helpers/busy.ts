import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** As many as libuv has, where UV_THREADPOOL_SIZE says nothing else. */
const THREADS = Number(process.env.UV_THREADPOOL_SIZE ?? 4)

/** Keeps each thread that look-ups of addresses run on busy, as passwords to hash do, until the function it gives is called. */
export function keepThreadsBusy(): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'busy-threads-'))
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  // A pipe is open only once somebody writes to it.
  const readers: Promise<FileHandle>[] = Array.from({ length: THREADS }, () => open(pipe, 'r'))
  return async () => {
    const writer = openSync(pipe, 'w')
    for (const reader of await Promise.all(readers)) await reader.close()
    closeSync(writer)
    rmSync(folder, { recursive: true })
  }
}

/** Leaves this process next to no time for what else it does, until the function it gives is called. */
export function keepProcessBusy(): () => void {
  let ended = false
  const work = () => {
    const until = performance.now() + 5
    while (performance.now() < until);
    if (!ended) setImmediate(work)
  }
  work()
  return () => {
    ended = true
  }
}
