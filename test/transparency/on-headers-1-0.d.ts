// An older on-headers under another name.
declare module 'on-headers-1-0' {
  import onHeaders from 'on-headers'
  export default onHeaders
}
