// Making elements. Whatever comes from the record becomes text or an attribute's value, never markup.

const SVG = "http://www.w3.org/2000/svg";

/** Return an element of the page: attributes, `onclick` and the like, then children, of which strings become text. */
export function el(name, given = {}, ...children) {
  return filled(document.createElement(name), given, children);
}

/** Return an element of a drawing. */
export function draw(name, given = {}, ...children) {
  return filled(document.createElementNS(SVG, name), given, children);
}

/** Return the element with this id. */
export const byId = (id) => document.getElementById(id);

/** Put a colour, from the record or the theme, on a drawn thing. */
export function paint(element, fill, stroke) {
  if (fill) element.style.fill = fill;
  if (stroke) element.style.stroke = stroke;
  return element;
}

function filled(element, given, children) {
  for (const [key, value] of Object.entries(given)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}
