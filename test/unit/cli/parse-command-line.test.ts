import { expect } from 'chai'
import { CliError } from '#src/cli/cli-error.js'
import { COMMANDS } from '#src/cli/commands.js'
import { parseCommandLine } from '#src/cli/parse-command-line.js'

function parsed(...args: string[]) {
  const request = parseCommandLine(args, COMMANDS)
  if (request.kind !== 'run') throw new Error(`it is a request for ${request.kind}`)
  return request
}

function refusal(...args: string[]): string {
  try {
    parseCommandLine(args, COMMANDS)
  } catch (error) {
    if (error instanceof CliError) return `${error.message}. ${error.mend}`
    throw error
  }
  throw new Error('it was taken')
}

describe('parseCommandLine', () => {
  it('finds the command, its options and its words, in whatever order', () => {
    for (const args of [
      ['keys', 'customers:*', '--redis', 'redis://h', '--json'],
      ['--redis=redis://h', 'keys', '--json', 'customers:*'],
      ['--json', '-r', 'redis://h', 'keys', '--', 'customers:*'],
    ]) {
      const { command, options, positionals } = parsed(...args)
      expect(command.name).to.equal('keys')
      expect(positionals).to.deep.equal(['customers:*'])
      expect(options.text('redis')).to.equal('redis://h')
      expect(options.has('json')).to.equal(true)
      expect(options.has('names')).to.equal(false)
    }
  })

  it('takes the last of an option that is given twice, and all where it may be', () => {
    const { options } = parsed('evict', '--key', 'a', '--key=b', '--prefix', 'x:', '--prefix', 'y:')
    expect(options.texts('key')).to.deep.equal(['a', 'b'])
    expect(options.text('prefix')).to.equal('y:')
  })

  it('explains itself without a command, and a command by help or --help, whatever else is wrong', () => {
    expect(parseCommandLine([], COMMANDS)).to.deep.equal({ kind: 'help', command: null })
    expect(parseCommandLine(['--help'], COMMANDS)).to.deep.equal({ kind: 'help', command: null })
    for (const args of [
      ['help', 'get'],
      ['get', '-h'],
      ['get', '--help', '--nonsense'],
    ]) {
      expect(parseCommandLine(args, COMMANDS)).to.deep.include({ kind: 'help' })
      expect(parseCommandLine(args, COMMANDS)).to.have.nested.property('command.name', 'get')
    }
    expect(parseCommandLine(['-v'], COMMANDS)).to.deep.equal({ kind: 'version' })
    expect(parseCommandLine(['--version', 'get'], COMMANDS)).to.deep.equal({ kind: 'version' })
  })

  it('says which command was meant, and which there are', () => {
    expect(refusal('evcit', 'x')).to.include(`no command 'evcit'. Did you mean 'evict'?`)
    expect(refusal('frobnicate')).to.match(/Commands are check, .*evict/)
    expect(refusal('--json')).to.include('no command is named')
  })

  it('says which option was meant, or who has it', () => {
    expect(refusal('keys', '--limt', '3')).to.include('keys has no option --limt. Did you mean --limit?')
    expect(refusal('get', 'k', '--dry-run')).to.include('get has no option --dry-run. evict has it.')
    expect(refusal('keys', '-z')).to.include('express-cacheable keys --help')
  })

  it('refuses a value that is missing, and one that is too much', () => {
    for (const args of [['--redis'], ['--redis='], ['--redis', '--json']]) {
      expect(refusal('keys', ...args)).to.include('--redis wants a value. Write --redis <url>')
    }
    expect(refusal('keys', '--json=yes')).to.include(`--json takes no value, and 'yes' stands behind it`)
    expect(parsed('keys', '--prefix=-x').options.text('prefix')).to.equal('-x')
  })

  it('refuses words that are missing, and those that the shell has made of a star', () => {
    expect(refusal('get')).to.include('Write express-cacheable get <key>')
    expect(refusal('keys', 'app.js', 'package.json')).to.match(/no use for 'package.json'\. .*in quotes/)
  })
})

describe('every command', () => {
  for (const command of COMMANDS) {
    it(`${command.name} has examples that it takes itself, --json, and help for each option`, () => {
      expect(command.options).to.have.property('json')
      expect(command.examples.length).to.be.greaterThan(1)
      for (const { line } of command.examples) {
        const [own = ''] = line.split('|')
        const words = [...own.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
        expect(parsed(...words).command, line).to.equal(command)
      }
      for (const [name, option] of Object.entries(command.options)) {
        expect(option.help, name).to.match(/^[A-Z]/)
        expect(option.value !== undefined, name).to.equal(option.type === 'string')
      }
    })
  }
})
