import { render } from 'preact'
import { App } from './app.js'
import { readSetup } from './setup.js'

const root = document.getElementById('app')
if (root) render(<App setup={readSetup(root)} />, root)
