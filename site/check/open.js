/** Opens a page, and waits until its scripts have taken it over: what they have to say, they have said by then. */
export async function open(tab, url) {
  await tab.goto(url)
  await tab.waitForFunction(() => document.querySelector('#app')?.__vue_app__ !== undefined)
}
