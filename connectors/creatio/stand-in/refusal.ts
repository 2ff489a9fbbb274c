/** How the stand refuses, in its own words. */
export class Refusal extends Error {
  readonly status: number;
  readonly kind: 'odata' | 'aspnet' | 'set' | 'page';

  constructor(status: number, kind: Refusal['kind'], message: string) {
    super(message);
    this.status = status;
    this.kind = kind;
  }

  static badQuery = (message: string): Refusal => new Refusal(400, 'odata', message);
  static notFound = (): Refusal => new Refusal(404, 'odata', 'Resource not found');
  /** A wrong column of a query is an error of the server. */
  static noColumn = (path: string, object: string): Refusal =>
    new Refusal(500, 'aspnet', `Column by path ${path} not found in schema ${object}.`);
  static database = (message: string): Refusal => new Refusal(500, 'aspnet', message);
  static unknownSet = (name: string): Refusal => new Refusal(404, 'set', name);
  static page = (status: number): Refusal => new Refusal(status, 'page', 'Not Found');
}
