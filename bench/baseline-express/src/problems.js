/** A refusal the caller is told about: status, stable code, sentence. */
export class Problem extends Error {
  constructor(status, code, detail) {
    super(detail ?? code);
    this.status = status;
    this.code = code;
  }
}

/** Express's last middleware: every error as RFC 9457. */
export function problems(error, request, response, _next) {
  const status = error.status ?? 500;
  if (status >= 500) console.error(error);
  response
    .status(status)
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', title: error.code ?? 'internal', status, code: error.code ?? 'internal', detail: error.message }));
}
