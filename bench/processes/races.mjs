/** A passed challenge is raced by many equal requests at once, again and again: each time exactly one must pass. */
export async function races(driver, count, size) {
  const browser = await driver.browser('racer')
  const answers = {}
  for (let race = 1; race <= count; race += 1) {
    const challenge = await driver.begin(browser)
    await driver.pass(challenge)
    const { number } = challenge
    const statuses = await Promise.all(
      Array.from({ length: size }, async () => (await driver.transferOnce(browser, number)).status),
    )
    const passed = statuses.filter((status) => status === 200).length
    if (passed !== 1) throw new Error(`Of ${size} equal requests at once ${passed} passed, in race ${race}.`)
    for (const status of statuses) answers[status] = (answers[status] ?? 0) + 1
    if (race % 10 === 0 || race === count) console.log(`  ${race} of ${count} races`)
  }
  return answers
}
