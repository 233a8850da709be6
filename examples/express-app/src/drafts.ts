import { randomUUID } from 'node:crypto'
import type { Request, Response } from 'express'

/**
 * Leads back to a form that has to be changed, with what was typed. Were the form shown by the answer to its POST, the way
 * back to it, later, would end at the browser's question whether to send it again.
 */
export function showAgain(req: Request, res: Response, path: string, fields: Record<string, string>): void {
  const id = randomUUID()
  req.session.draft = { id, fields }
  res.redirect(303, `${path}?draft=${id}`)
}

/** What was typed, where a page shows its form again. The last one is kept: an older page shows a new form. */
export function draftOf(req: Request): Record<string, string> | undefined {
  const { draft } = req.session
  return draft && draft.id === req.query.draft ? draft.fields : undefined
}
