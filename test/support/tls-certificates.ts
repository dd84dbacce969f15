import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Files in PEM. */
export interface Certificate {
  readonly certFile: string
  readonly keyFile: string
}

/** Certificates of a server at `localhost` and 127.0.0.1. */
export interface TlsCertificates {
  /** The authority that signed `good` and `expired`. */
  readonly ca: Certificate
  readonly good: Certificate
  readonly expired: Certificate
  /** Signed by an authority that nobody trusts. */
  readonly unknownCa: Certificate
  remove(): Promise<void>
}

/** Says that this machine has no `openssl`. */
export class OpensslNotFound extends Error {
  override readonly name = 'OpensslNotFound'
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc']
const NAMES = 'subjectAltName=DNS:localhost,IP:127.0.0.1'

/**
 * Makes them in a directory of their own.
 *
 * @throws {OpensslNotFound}
 */
export async function makeTlsCertificates(): Promise<TlsCertificates> {
  const directory = await mkdtemp(join(tmpdir(), 'express-cacheable-tls-'))
  try {
    const ca = await makeAuthority(directory, 'ca')
    const stranger = await makeAuthority(directory, 'stranger')
    return {
      ca,
      good: await makeCertificate(directory, 'good', ca, 1),
      expired: await makeCertificate(directory, 'expired', ca, -1),
      unknownCa: await makeCertificate(directory, 'unknown-ca', stranger, 1),
      remove: () => rm(directory, { recursive: true, force: true }),
    }
  } catch (error) {
    await rm(directory, { recursive: true, force: true })
    throw error
  }
}

async function makeAuthority(directory: string, name: string): Promise<Certificate> {
  const authority = filesOf(directory, name)
  await openssl('req', '-x509', ...NEW_KEY, '-subj', `/CN=${name}`, '-days', '1', ...outputOf(authority))
  return authority
}

async function makeCertificate(
  directory: string,
  name: string,
  authority: Certificate,
  days: number,
): Promise<Certificate> {
  const certificate = filesOf(directory, name)
  const { certFile, keyFile } = certificate
  const request = join(directory, `${name}.csr`)
  await openssl(
    ...['req', '-new', ...NEW_KEY, '-subj', '/CN=localhost', '-addext', NAMES],
    ...['-keyout', keyFile, '-out', request],
  )
  await openssl(
    ...['x509', '-req', '-in', request, '-copy_extensions', 'copy', '-days', String(days)],
    ...['-CA', authority.certFile, '-CAkey', authority.keyFile, '-CAcreateserial', '-out', certFile],
  )
  return certificate
}

function filesOf(directory: string, name: string): Certificate {
  return { certFile: join(directory, `${name}.pem`), keyFile: join(directory, `${name}.key`) }
}

function outputOf({ certFile, keyFile }: Certificate): string[] {
  return ['-keyout', keyFile, '-out', certFile]
}

async function openssl(...args: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)('openssl', args)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new OpensslNotFound('no openssl on the PATH', { cause: error })
  }
}
