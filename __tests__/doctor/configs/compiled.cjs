// As TypeScript compiles `export default` to CommonJS; callbackPath is where no callback is.
Object.defineProperty(exports, '__esModule', { value: true })
exports.default = { callbackPath: '/back' }
