import { TEMPLATE_MISTAKE, UNKNOWN_KEY } from "../protocol/names";
import type { Report } from "./contract/error-texts";
import type { Trame } from "./contract/trame";
import { placeOf, type TemplateReports } from "./render/templates";
import type { ErrorOverlay } from "./shell/overlay";

/** Tells of mistakes in templates, in the words of the server: it knows the lines of Python that wrote them. */
export function templateReports(
  trame: Trame,
  errors: ErrorOverlay,
  report: Report,
): TemplateReports {
  return {
    report,
    forget: (where) => errors.forget(where),
    mended: (where) => errors.mended(where),
    mistake(template, { text, line }) {
      const where = placeOf(template);
      errors.show({ where, message: text });
      trame.ask(TEMPLATE_MISTAKE, [template, text, line]).then(
        (words) => typeof words === "string" && errors.reword(where, text, words),
        // A stock server, or one that has no time.
        () => trame.sendError(`${where}: ${text}`),
      );
    },
    unknown(template, key) {
      const where = `"${key}" of ${placeOf(template)}`;
      trame.ask(UNKNOWN_KEY, [template, key]).then(
        (words) => {
          if (typeof words !== "string" || trame.state.has(key)) return;
          errors.show({ where, message: words, hint: true });
          const stop = trame.state.addListener(({ type, keys }) => {
            if (type !== "new-keys" || !keys.includes(key)) return;
            errors.forget(where);
            stop();
          });
        },
        () => console.warn(`jupyter_trame: ${where} is not in the state`),
      );
    },
  };
}
