/** An answer in the vendor's own words: HTTP status, `error` (which may be empty or a sentence) and its description. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string | number;

  constructor(status: number, code: string | number, description: string) {
    super(description);
    this.status = status;
    this.code = code;
  }
}
