// As drivers do with a connection string that they can't read.
throw new Error(`Invalid: mongodb://bank:store-password@db.example, ${process.env.AUTHSIGNAL_API_SECRET_KEY}`)
