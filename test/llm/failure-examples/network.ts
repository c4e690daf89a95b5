/** A name that Node gives to a failure, by the first name of the row that must know it. */
export const NETWORK_EXAMPLES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'ECONNREFUSED',
  ENOTFOUND: 'EAI_AGAIN',
  EHOSTUNREACH: 'ENETUNREACH',
  UND_ERR_CONNECT_TIMEOUT: 'UND_ERR_CONNECT_TIMEOUT',
  'CERT_*': 'CERT_HAS_EXPIRED',
  ECONNRESET: 'ECONNRESET',
  UND_ERR_INVALID_ARG: 'UND_ERR_INVALID_ARG',
  UND_ERR_HEADERS_TIMEOUT: 'UND_ERR_BODY_TIMEOUT',
};
