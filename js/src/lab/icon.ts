import { LabIcon } from "@jupyterlab/ui-components";

/** A window with a frame that is drawn: an app that a kernel draws. */
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3" fill="#616161">
    <path d="M4 4h16a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2zm0 5v9h16V9H4z"/>
    <path d="M6 16l3.5-4 2.5 2.5 2-2L18 16z"/>
  </g>
</svg>`;

export const trameIcon = new LabIcon({ name: "jupyter-trame:app", svgstr: SVG });
