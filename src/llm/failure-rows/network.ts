import type { NetworkRow } from './row.ts';

/** Failures without an answer, by the names of Node and its HTTP client. */
export const NETWORK_ROWS: readonly NetworkRow[] = [
  {
    codes: ['ECONNREFUSED', 'ConnectionRefused'],
    says: 'the connection is refused: nothing listens there',
    perhapsBilled: false,
  },
  {
    codes: ['ENOTFOUND', 'EAI_*'],
    says: "the host's name cannot be found",
    perhapsBilled: false,
  },
  {
    codes: ['EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL'],
    says: 'there is no way to the host',
    perhapsBilled: false,
  },
  {
    codes: ['UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT'],
    says: 'the host does not answer',
    perhapsBilled: false,
  },
  {
    codes: [
      'CERT_*',
      'ERR_TLS_*',
      'ERR_SSL_*',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_*',
      'EPROTO',
    ],
    says: 'the encrypted connection cannot be made',
    perhapsBilled: false,
  },
  {
    codes: ['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'UND_ERR_SOCKET', 'ConnectionClosed'],
    says: 'the connection was cut',
    perhapsBilled: true,
  },
  {
    codes: ['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED'],
    says: 'the HTTP client does not take the request: another version of it is loaded beside that of Node',
    perhapsBilled: false,
  },
  {
    codes: [
      'UND_ERR_HEADERS_TIMEOUT',
      'UND_ERR_BODY_TIMEOUT',
      'UND_ERR_RESPONSE_STATUS_CODE',
      'HPE_*',
      'UND_ERR_*',
    ],
    says: 'the answer is broken or stopped coming',
    perhapsBilled: true,
  },
];
