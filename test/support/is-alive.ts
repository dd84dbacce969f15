/** Whether there is a process of that id; one that has ended counts until whoever started it has heard of it. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
