import { LabIcon } from "@jupyterlab/ui-components";

/** A window with two sliders: an app whose controls a kernel answers. */
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <path class="jp-icon3" fill="#616161" d="M4 3h16a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zm0 5v11h16V8z"/>
  <path class="jp-icon3" fill="#616161" d="M6 10.75h12v1.5H6zM6 14.75h12v1.5H6z"/>
  <g class="jp-icon-brand1" fill="#1976d2">
    <circle cx="14.5" cy="11.5" r="2"/>
    <circle cx="9" cy="15.5" r="2"/>
  </g>
</svg>`;

export const trameIcon = new LabIcon({ name: "jupyter-trame:app", svgstr: SVG });
