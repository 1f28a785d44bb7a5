// The menu that makes trouble: what Meta is known to do on bad days.

import { get, post, remove } from "./wire.js";

const byId = (id) => document.getElementById(id);
const SENDS = {
  "too fast to one person (131056)": { kind: "error", code: 131056 },
  "too fast in all (130429)": { kind: "error", code: 130429 },
  "cannot be delivered (131026)": { kind: "error", code: 131026 },
  "24 hours over (131047)": { kind: "error", code: 131047 },
  "something went wrong (131000)": { kind: "error", code: 131000 },
  "blocked for policy (368)": { kind: "error", code: 368 },
  "page instead of JSON (502)": { kind: "html", http_status: 502 },
  "connection cut": { kind: "cut" },
  "no answer": { kind: "hang" },
  "sent, then cut": { kind: "accept_then_cut" },
  "sent, fails later (131047)": { kind: "accept_then_fail", code: 131047 },
  "receipts before the answer": { kind: "receipts_first" },
  "five seconds late": { kind: "slow", delay_ms: 5000 },
};
const FILES = {
  "address too old (404)": ["downloads", { kind: "not_found" }],
  "leads elsewhere (302)": ["downloads", { kind: "redirect", url: "http://localhost:9/elsewhere" }],
  "breaks off": ["downloads", { kind: "cut_body", kept_length: 100 }],
  "never ends (200 MB)": ["downloads", { kind: "huge", length: 209715200 }],
  "other bytes": ["downloads", { kind: "other_bytes" }],
  "id expired (100/33)": ["lookups", { kind: "error", code: 100, subcode: 33 }],
  "foreign host": ["lookups", { kind: "foreign_url", url: "https://files.example.org/x" }],
};
const EVENTS = {
  "template low_stock paused": { kind: "template_status", name: "low_stock", language: "en_US", event: "PAUSED" },
  "template low_stock approved": { kind: "template_status", name: "low_stock", language: "en_US", event: "APPROVED" },
  "account restricted": { kind: "restricted", restriction: "RESTRICTED_BIZ_INITIATED_MESSAGING", until: 1900000000 },
  "account to be disabled": { kind: "disabled", state: "SCHEDULE_FOR_DISABLE" },
  "PIN changed": { kind: "security", event: "PIN_CHANGED" },
  "number flagged": { kind: "number_quality", event: "FLAGGED" },
};
const METAS_RULES = { pair: { burst: 45, period_s: 6 }, messages_per_second: 80 };

let now = null; // what is set at the moment

function say(text) {
  byId("trouble-state").textContent = text;
}

// Does something, says so, and shows what is set afterwards.
async function make(what, work) {
  try {
    await work();
    say(what);
  } catch (error) {
    say(error.message);
  }
  await show();
}

async function show() {
  now = await get("/_sim/trouble");
  const { rules, delivery } = now;
  byId("trouble-token").checked = !now.has_token;
  byId("trouble-halt").checked = now.halt !== null;
  byId("trouble-limits").checked = rules.pair !== null;
  byId("trouble-window").checked = rules.window === "fail_later";
  byId("trouble-phones").checked = rules.hides_phones;
  byId("trouble-edits").checked = rules.tells_edits;
  byId("trouble-copies").checked = delivery.extra_copies > 0;
  byId("trouble-shuffle").checked = delivery.shuffled > 1;
  byId("trouble-batch").checked = delivery.batched > 1;
  byId("trouble-held").checked = delivery.is_held;
  byId("trouble-receipts").value = now.receipts;
}

function fill(id, choices) {
  for (const label of Object.keys(choices)) byId(id).append(new Option(label));
}

// A box that changes one thing of what is set.
function box(id, what, work) {
  byId(id).addEventListener("change", () => {
    const on = byId(id).checked;
    make(`${what}: ${on ? "on" : "off"}`, () => work(on));
  });
}

export function startTrouble() {
  fill("trouble-send", SENDS);
  fill("trouble-file", FILES);
  fill("trouble-event", EVENTS);
  const next = (path, fault) => post(path, { when: { next: 1 }, fault });
  byId("trouble-send-go").addEventListener("click", () =>
    make(`The next send: ${byId("trouble-send").value}`, () => next("/_sim/faults", SENDS[byId("trouble-send").value])));
  byId("trouble-file-go").addEventListener("click", () => {
    const [call, fault] = FILES[byId("trouble-file").value];
    make(`The next file: ${byId("trouble-file").value}`, () => next(`/_sim/faults/${call}`, fault));
  });
  byId("trouble-event-go").addEventListener("click", () =>
    make(`Told: ${byId("trouble-event").value}`, () => post("/_sim/tell", EVENTS[byId("trouble-event").value])));
  byId("trouble-clear").addEventListener("click", () => make("Everything goes right again.", async () => {
    await remove("/_sim/faults");
    await post("/_sim/token", "revive");
    await post("/_sim/halt", { code: null });
    await post("/_sim/delivery", {});
    await post("/_sim/receipts", { mode: "in_order" });
    await post("/_sim/rules", METAS_RULES);
  }));
  const rules = (change) => post("/_sim/rules", { ...now.rules, ...change });
  const delivery = (change) => post("/_sim/delivery", { ...now.delivery, ...change });
  box("trouble-token", "Token expired", (on) => post("/_sim/token", on ? "expire" : "revive"));
  box("trouble-halt", "Account locked (131031)", (on) => post("/_sim/halt", { code: on ? 131031 : null }));
  box("trouble-limits", "Meta's limits", (on) => rules(on ? METAS_RULES : { pair: null, messages_per_second: null }));
  box("trouble-window", "131047 comes later", (on) => rules({ window: on ? "fail_later" : "refuse" }));
  box("trouble-phones", "Numbers hidden", (on) => rules({ hides_phones: on }));
  box("trouble-edits", "Edits are told", (on) => rules({ tells_edits: on }));
  box("trouble-copies", "Everything twice", (on) => delivery({ extra_copies: on ? 1 : 0 }));
  box("trouble-shuffle", "Out of order", (on) => delivery({ shuffled: on ? 20 : 0 }));
  box("trouble-batch", "Several in one", (on) => delivery({ batched: on ? 20 : 0 }));
  box("trouble-held", "Held back", (on) => delivery({ is_held: on }));
  byId("trouble-receipts").addEventListener("change", () =>
    make(`Receipts: ${byId("trouble-receipts").value}`, () => post("/_sim/receipts", { mode: byId("trouble-receipts").value })));
  byId("trouble-release").addEventListener("click", () => make("Released what was held.", async () => {
    await post("/_sim/receipts/release", {});
    await post("/_sim/delivery/release", {});
  }));
  byId("trouble").addEventListener("toggle", () => { if (byId("trouble").open) show().catch((error) => say(error.message)); });
}
