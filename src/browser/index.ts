export {
  createStepUpFetch,
  type Launch,
  type StepUpFetch,
  type StepUpFetchOptions,
  type StepUpResponse,
} from './step-up-fetch'
