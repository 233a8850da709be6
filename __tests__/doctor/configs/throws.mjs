throw new Error(`What is ${process.env.AUTHSIGNAL_API_SECRET_KEY} for?`)
