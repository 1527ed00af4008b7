/** Types whose documents may run scripts. */
const ACTIVE =
  /^(?:text\/(?:html|xml|xsl|vtt\+html)|application\/(?:xml|xhtml)|multipart\/|message\/|.*\+xml$)/;
const SVG = "image/svg+xml";

/** Elements that open what they are given as a page, or take elements out of it. */
const OPENING = new Set(
  "a,area,base,button,embed,fencedframe,form,frame,iframe,object,portal,use".split(","),
);

/** Whether a document of this media type may run scripts. */
export function isActive(type: string): boolean {
  return ACTIVE.test(essence(type));
}

/** Whether it is the type of drawings that are documents too. */
export function isDrawing(type: string): boolean {
  return essence(type) === SVG;
}

/** Whether an element of this name shows what it is given as a page. */
export function opens(tag: string): boolean {
  return OPENING.has(tag);
}

/**
 * Whether an address is code, or a document with code in it. Drawings count where `asPage`: an image runs nothing.
 */
export function isCode(address: string, asPage: boolean): boolean {
  const found = SCHEME.exec(address);
  if (!found) return false;
  switch (squeeze(found[1] ?? "").toLowerCase()) {
    case "javascript":
    case "vbscript":
      return true;
    case "data": {
      const [type = ""] = squeeze(address.slice(found[0].length)).split(",", 1);
      return isActive(type) && (asPage || !isDrawing(type));
    }
    default:
      return false;
  }
}

/** Whether an address holds its document itself, or names one that a script of the page has made. */
export function isEmbedded(address: string): boolean {
  return EMBEDDED.test(squeeze(address));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that browsers skip
const EMBEDDED = /^[\u0000-\u0020]*(?:data|blob|javascript):/i;

/** Browsers skip what stands before a scheme, and line ends and tabs anywhere in it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that browsers skip
const SCHEME = /^[\u0000-\u0020]*((?:[jvd][\t\n\r]*)(?:[a-z][\t\n\r]*){3,11}):/i;

function squeeze(text: string): string {
  return text.replace(/[\t\n\r]/g, "");
}

/** A media type without its parameters. */
function essence(type: string): string {
  const [name = ""] = type.split(";", 1);
  return name.trim().toLowerCase();
}
