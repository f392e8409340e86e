// Asking the server of this machine.

/** Return whether the server did what was asked, and what it found; with a body something is to be done. */
export async function ask(name, body) {
  const given = body ? { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } } : {};
  let answer = null;
  try {
    answer = await fetch(name, given);
  } catch {
    return { ok: false, found: { wrong: "qsim does not answer: is `qsim edit` still running? What you typed is still here." } };
  }
  return { ok: answer.ok, found: await answer.json() };
}
