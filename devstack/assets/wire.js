// Calls of the simulator's own door.

export async function get(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

export async function post(path, body) {
  return answerOf(await fetch(path, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  }));
}

export async function remove(path) {
  return answerOf(await fetch(path, { method: "DELETE" }));
}

// Sends a file: what is said of it stands in the query, its bytes are the body.
export async function postFile(file, query) {
  return answerOf(await fetch(`/_sim/files?${new URLSearchParams(query)}`, { method: "POST", body: file }));
}

async function answerOf(response) {
  const text = await response.text();
  if (response.ok) return text ? JSON.parse(text) : null;
  let reason = text;
  try { reason = JSON.parse(text).error ?? text; } catch { /* not JSON: the text itself says why */ }
  throw new Error(reason || response.status);
}
