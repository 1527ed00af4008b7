/**
 * The client of a narvi service, for the page of an app: contract of a page is `start_narvi(AppClass)`.
 *
 * `<app>/narvi/narvi.mjs` is this module; `<app>/narvi/narvi.js` is it as a classic script, which makes the name
 * `start_narvi`, as pages that were written for the original expect, and which a hub serves by cookie.
 */
import { type AppClass, Connection, type Options } from "./narvi/connection";

export type { AppClass, AppParameters, Options } from "./narvi/connection";
export { Connection, socketAddress } from "./narvi/connection";
export type { Message, Services, Status } from "./narvi/services";

/**
 * Connects this page to its service, and makes `new App(services, app_parameters)` when the session is there and the
 * page is parsed. A connection that is lost comes back by itself; `Services` says what an app hears of that.
 */
export function start_narvi(App: AppClass, options: Options = {}): Connection {
  return new Connection(App, options);
}
