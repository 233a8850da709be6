// As one that waits for a database that never answers.
await new Promise(() => undefined)
