/**
 * Addresses behind the `#`: `#/`, `#/cook/<id>?servings=2`, `#/recipe/<id>`.
 * @typedef {{ name: string, id?: string, query: URLSearchParams }} Place
 */

/** @returns {Place} */
export function here() {
  const [path = '', query = ''] = location.hash.slice(1).split('?');
  const [, name = '', id] = path.split('/');
  return { name: name || 'fridge', ...(id && { id: decoded(id) }), query: new URLSearchParams(query) };
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // typed by hand; nothing has that id
  }
}

/** @param {string} name @param {string} [id] @param {Record<string, string | number | undefined>} [query] */
export function address(name, id, query = {}) {
  const fields = Object.entries(query).flatMap(([key, value]) => (value ? [[key, String(value)]] : []));
  const search = fields.length > 0 ? `?${new URLSearchParams(fields)}` : '';
  return `#/${name === 'fridge' ? '' : name}${id ? `/${encodeURIComponent(id)}` : ''}${search}`;
}

/** @param {string} to @param {{ replace?: boolean }} [options] */
export function go(to, { replace = false } = {}) {
  if (replace) location.replace(to);
  else location.hash = to;
}
