/**
 * The catalogue's own style sheet, in addition to the console's.
 *
 * @module
 */

/** The style sheet. */
export const STYLE = `.catalogue {
  display: block;
  max-width: 90rem;
  margin: 0 auto;
  padding: var(--gap);
}
.catalogue > * {
  margin-bottom: var(--gap);
}
.catalogue h1,
.catalogue h2 {
  font-size: 1.25rem;
}
.catalogue h3 {
  margin: 0 0 var(--half);
  font-size: 1rem;
}
.catalogue .scroll {
  overflow-x: auto;
}
.catalogue table {
  width: 100%;
  border-collapse: collapse;
  font-size: var(--small);
}
.catalogue th,
.catalogue td {
  padding: var(--half);
  border-top: 1px solid var(--line);
  text-align: left;
  vertical-align: top;
}
.catalogue code {
  font-family: var(--mono);
  overflow-wrap: anywhere;
}
.catalogue td:nth-child(1) {
  min-width: 10rem;
}
.catalogue td:nth-child(4) {
  min-width: 12rem;
}
`;
