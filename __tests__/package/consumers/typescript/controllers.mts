import type { Authsignal } from 'authsignal-express'
import express, { type NextFunction, type Request, type Response } from 'express'

/* Compiled twice, with standard decorators and with `experimentalDecorators`; and run so by __tests__/step-up.test.ts. */

type ById = Request<{ id: string }>

export function makeControllers({ stepUp, withStepUp }: Authsignal) {
  class Accounts {
    readonly bank: string = 'Fernhill'

    @stepUp('viewAccount', { maxAge: '5m' })
    show({ params }: ById, res: Response, _next: NextFunction): unknown {
      return res.json({ account: params.id, by: this.bank })
    }

    @stepUp('closeAccount')
    async close(): Promise<void> {
      throw new Error('the database is down')
    }

    @stepUp('freezeAccount')
    freeze(): void {
      throw new Error('it is frozen')
    }

    @stepUp('listAccounts')
    static list(_req: Request, res: Response): void {
      res.json({ by: this.name })
    }

    open(_req: Request, res: Response): void {
      res.json({ open: true })
    }
  }

  class Savings extends Accounts {
    override readonly bank = 'Fernhill Savings'

    override show(req: ById, res: Response, next: NextFunction): unknown {
      res.set('x-savings', 'yes')
      return super.show(req, res, next)
    }
  }

  class Base {
    inherited(_req: Request, res: Response): void {
      res.json({ from: 'Base' })
    }
  }

  @stepUp('cards')
  class Cards extends Base {
    static readonly order = ['credit', 'debit']

    static of(owner: string): Cards {
      return new Cards(owner)
    }

    static list(_req: Request, res: Response): void {
      res.json(this.order)
    }

    constructor(readonly owner: string) {
      super()
    }

    get count(): number {
      return 2
    }

    show({ params }: ById, res: Response): void {
      res.json({ text: this.describe(params.id), count: this.count })
    }

    describe(id: string): string {
      return `${this.owner}'s card ${id}`
    }

    @stepUp('blockCard')
    block(req: ById, res: Response): void {
      this.show(req, res)
    }

    check(_req: Request, _res: Response, next: NextFunction): void {
      next()
    }

    order(req: ById, res: Response): void {
      this.show(req, res)
    }

    async fail(_req: Request, _res: Response, _next: NextFunction): Promise<void> {
      throw new Error('the printer is down')
    }

    onError(error: Error, _req: Request, res: Response, _next: NextFunction): void {
      res.status(418).json({ error: error.message })
    }
  }

  @stepUp('vault')
  class Vault {
    static readonly only = new Vault()

    private constructor() {}

    open(_req: Request, res: Response): void {
      res.json({ open: true })
    }
  }

  const withdraw = withStepUp('withdraw', async function withdraw(this: unknown, req: ById, res: Response) {
    res.json({ account: req.params.id, undefinedThis: this === undefined })
  })

  // What the framework tells of a handler's parameters is still told.
  express.Router().get(
    '/:id',
    withStepUp('view', (req, res) => res.json({ account: req.params.id.trim() })),
  )
  const typed: (req: ById, res: Response) => Promise<void> = withdraw

  return { Accounts, Savings, Base, Cards, Vault, withdraw: typed }
}

export function mistakes({ stepUp, withStepUp }: Authsignal): unknown {
  class Wrong {
    // @ts-expect-error A getter is no handler.
    @stepUp('a')
    get value(): number {
      return 1
    }

    // @ts-expect-error An error handler is none.
    @stepUp('a')
    onError(_error: Error, _req: Request, _res: Response, _next: NextFunction): void {
      return
    }
  }
  // @ts-expect-error No such option.
  withStepUp('a', () => undefined, { maxAgee: '5m' })
  // @ts-expect-error No handler.
  return [Wrong, withStepUp('a', { handle: true })]
}
