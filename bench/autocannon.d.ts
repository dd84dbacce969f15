/** The part of autocannon that the bench uses; the package has no types. */
declare module 'autocannon' {
  interface Request {
    readonly path: string
    readonly headers?: Readonly<Record<string, string>>
  }

  interface Client {
    setRequests(requests: Request[]): void
  }

  interface Options {
    readonly url: string
    readonly connections: number
    /** Seconds. */
    readonly duration: number
    /** How often to look whether the time is up, in milliseconds. */
    readonly sampleInt: number
    /** Called for each connection. */
    readonly setupClient: (client: Client) => void
  }

  interface Result {
    /** Seconds. */
    readonly duration: number
    readonly errors: number
    readonly non2xx: number
    readonly requests: { readonly sent: number }
  }

  interface Run extends PromiseLike<Result> {
    on(
      event: 'response',
      listener: (client: Client, status: number, bytes: number, milliseconds: number) => void,
    ): this
    stop(): void
  }

  export default function autocannon(options: Options): Run
}
