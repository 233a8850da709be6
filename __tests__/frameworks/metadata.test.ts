import 'reflect-metadata'
import { createAuthsignal } from 'authsignal-express'

const authsignal = createAuthsignal({ apiSecretKey: 'a-secret-key' })

/** As NestJS notes a guard: on the function itself. */
const adminsOnly: MethodDecorator = (_target, _name, descriptor) => {
  Reflect.defineMetadata('__guards__', ['AdminOnly'], descriptor.value as object)
}

class Cards {
  close(_req: unknown, _res: unknown) {}
}

const decorate = (decorator: MethodDecorator) => {
  const descriptor = Object.getOwnPropertyDescriptor(Cards.prototype, 'close') as PropertyDescriptor
  const changed = decorator(Cards.prototype, 'close', descriptor)
  Object.defineProperty(Cards.prototype, 'close', changed ?? descriptor)
}

it('stepUp takes away nothing that another decorator has noted on a method', () => {
  decorate(authsignal.stepUp('closeCard') as MethodDecorator)
  decorate(adminsOnly)
  expect(Reflect.getMetadata('__guards__', Reflect.get(Cards.prototype, 'close'))).toEqual(['AdminOnly'])
  const refusal = {
    code: 'ERR_AUTHSIGNAL_MISCONFIGURED',
    message: expect.stringContaining('below all others') as string,
  }
  const thrown = (decorating: () => void) => {
    try {
      decorating()
    } catch (error) {
      return error
    }
    return undefined
  }
  expect(
    thrown(() => {
      decorate(authsignal.stepUp('closeCard') as MethodDecorator)
    }),
  ).toMatchObject(refusal)
})

it('nor from the methods of a class', () => {
  class Marked {
    close(_req: unknown, _res: unknown) {}
  }
  Reflect.defineMetadata('__guards__', ['AdminOnly'], Reflect.get(Marked.prototype, 'close'))
  expect(() => {
    authsignal.stepUp('closeCard')(Marked)
  }).toThrow('Another decorator has noted something on close')
})
