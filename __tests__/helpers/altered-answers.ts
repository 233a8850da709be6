import axios from 'axios'

/** An axios by which the API's answers come with other fields than it gave: what the emulator would never say. */
export function alteredAnswers(fields: () => object) {
  const instance = axios.create()
  instance.interceptors.response.use((answer) => {
    answer.data = JSON.stringify({ ...(JSON.parse(String(answer.data)) as object), ...fields() })
    return answer
  })
  return instance
}
