export { resumedForm, type ResumedForm } from './resumed-form'
export { storeContract, type StoreContractOptions } from './store-contract'
