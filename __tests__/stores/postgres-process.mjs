// PostgreSQL compiled to WebAssembly, in a process of its own: within jest it could not load its files.
import { PGlite } from '@electric-sql/pglite'

const database = await PGlite.create()
process.on('message', async ({ id, text, values }) => {
  try {
    const { rows } = await database.query(text, values)
    process.send({ id, rows: JSON.stringify(rows) })
  } catch (error) {
    process.send({ id, failed: error.message })
  }
})
process.once('disconnect', () => database.close())
process.send('ready')
