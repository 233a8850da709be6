export type { Launch, StepUpFetchOptions } from './options'
export { createStepUpFetch, type StepUpFetch, type StepUpResponse } from './step-up-fetch'
