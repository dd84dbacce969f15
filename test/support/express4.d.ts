// Express 4 under another name, close enough to Express 5 to share its types.
declare module 'express4' {
  import express from 'express'
  export default express
}

declare module 'express4-17' {
  import express from 'express'
  export default express
}
