// Builds elements. Text always goes through textContent: transcripts and file names are not trusted.

export function el(tag, options = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "text") node.textContent = value;
    else if (name === "on") for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
    else if (name === "data") Object.assign(node.dataset, value);
    else if (name === "style") for (const [k, v] of Object.entries(value)) node.style.setProperty(k, v);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** A button that shows its key; the key is named for screen readers by aria-keyshortcuts. */
export function button(label, { key, shortcut, className = "", title, onClick, disabled } = {}) {
  return el(
    "button",
    {
      type: "button",
      class: `cq-button ${className}`,
      title,
      "aria-keyshortcuts": shortcut ?? key,
      disabled,
      on: { click: onClick },
    },
    el("span", { class: "cq-button-label", text: label }),
    key ? el("kbd", { text: key }) : null,
  );
}

export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const rest = `${two(Math.floor((whole % 3600) / 60))}:${two(whole % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

/** "dark" or "light", from the background that the page really has. */
export function themeOf(root) {
  const host = root.host ?? root;
  const probe = el("span", { style: { color: "var(--st-background-color, #ffffff)" } });
  root.appendChild(probe);
  const channels = getComputedStyle(probe).color.match(/[\d.]+/g)?.map(Number) ?? [255, 255, 255];
  probe.remove();
  const luminance = (0.299 * channels[0] + 0.587 * channels[1] + 0.114 * channels[2]) / 255;
  host.dataset.theme = luminance < 0.5 ? "dark" : "light";
  return host.dataset.theme;
}

export const isTyping = (event) => {
  const target = event.composedPath()[0];
  return Boolean(target?.matches?.("input, textarea, select, [contenteditable=''], [contenteditable='true']"));
};
