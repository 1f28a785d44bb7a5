// The chat page: phones on the left, what went over the wire on the right. Everything shown comes from /_sim/.

import { fileElement, openAttach, record, recordingType } from "./attach.js";
import { messageMenuButton, personMenuButton } from "./menus.js";
import { startTrouble } from "./trouble.js";
import { get, post } from "./wire.js";

const PHONE_COUNT = 2;
const IDEAS = ["Added 50 screws", "sold 3", "how many screws", "+12 milk and 2 bread", "counted 40 screws", "undo"];
const TICKS = { pending: "🕓", sent: "✓", delivered: "✓✓", read: "✓✓", failed: "!" };
const MY_TICKS = { ...TICKS, delivered: "✓" };
const STATES = {
  person: { pending: "on its way to the gateway", delivered: "taken by the gateway (200)", read: "read by the business", failed: "given up" },
  business: { pending: "accepted by Graph", sent: "sent", delivered: "delivered", read: "read", failed: "failed" },
};

const phones = new Map(); // by user id: { element, who, entries by wamid, quoting }
let selected = null;

const byId = (id) => document.getElementById(id);
const stamp = (at) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

function numberOf(person) {
  return person.phone ? `+${person.phone.replace(/^(\d{2})(\d{2})(\d{3})(\d+)$/, "$1 $2 $3 $4")}` : "number hidden";
}

function addPhone(person) {
  if (phones.has(person.user_id) || phones.size >= PHONE_COUNT || !person.name) return;
  const index = phones.size;
  const element = byId("phone-template").content.firstElementChild.cloneNode(true);
  element.id = `phone-${index}`;
  element.dataset.person = person.user_id;
  element.querySelector(".owner-name").textContent = person.name;
  element.querySelector(".owner-number").textContent = numberOf(person);
  element.querySelector(".messages").id = `messages-${index}`;
  const form = element.querySelector("form");
  const input = element.querySelector("input");
  form.id = `composer-${index}`;
  input.id = `input-${index}`;
  element.querySelector(".send").id = `send-${index}`;
  element.querySelector(".attach").id = `attach-${index}`;
  const phone = { element, who: person, entries: new Map(), quoting: null };
  const failed = () => linkState("lost");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (text) post("/_sim/say", { person: phone.who.user_id, text, quoted: phone.quoting }).catch(failed);
    input.value = "";
    quote(phone, null);
  });
  element.querySelector(".quoting-drop").addEventListener("click", () => quote(phone, null));
  element.querySelector(".attach").addEventListener("click", () => openAttach(phone.who.user_id, failed));
  recordButton(element.querySelector(".record"), phone, failed);
  personMenuButton(element.querySelector(".person-more"), () => phone.who, { failed });
  for (const idea of IDEAS) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = idea;
    button.addEventListener("click", () => { input.value = idea; input.focus(); });
    element.querySelector(".ideas").append(button);
  }
  byId("phones").append(element);
  phones.set(person.user_id, phone);
  if (index === 0) input.focus();
}

function recordButton(button, phone, failed) {
  if (!recordingType()) return;
  button.hidden = false;
  let stop = null;
  button.addEventListener("click", async () => {
    if (stop) {
      stop();
      stop = null;
    } else {
      stop = await record(phone.who.user_id, failed).catch(() => null); // no microphone, or no leave to use it
    }
    button.classList.toggle("recording", Boolean(stop));
  });
}

// Lets the next message answer another one, or none.
function quote(phone, wamid) {
  phone.quoting = wamid;
  phone.element.querySelector(".quoting").hidden = !wamid;
  phone.element.querySelector(".quoting-text").textContent = wamid ? shortText(phone, wamid) : "";
  if (wamid) phone.element.querySelector(".text").focus();
}

function shortText(phone, wamid) {
  const entry = phone.entries.get(wamid)?.entry;
  return entry ? (entry.text || entry.file?.kind || "").slice(0, 80) : "";
}

// A person has a new number or a new id: the phone stays.
function changeIdentity(was, person) {
  const phone = phones.get(was);
  if (!phone) return;
  phones.delete(was);
  phones.set(person.user_id, phone);
  phone.who = person;
  phone.element.dataset.person = person.user_id;
  phone.element.querySelector(".owner-number").textContent = numberOf(person);
  if (selected?.person === was) selected.person = person.user_id;
}

function showEntry(person, entry) {
  const phone = phones.get(person);
  if (!phone) return;
  const list = phone.element.querySelector(".messages");
  let row = phone.entries.get(entry.wamid)?.row;
  const isNew = !row;
  if (isNew) {
    row = byId("message-template").content.firstElementChild.cloneNode(true);
    row.dataset.wamid = entry.wamid;
    row.dataset.side = entry.side;
    row.querySelector("time").textContent = stamp(entry.at);
    if (entry.answer_ms !== null) row.querySelector(".ms").textContent = `${entry.answer_ms} ms`;
    for (const button of entry.buttons) row.querySelector(".buttons").append(tapButton(phone, entry, button));
    const bubble = row.querySelector(".bubble");
    const user = () => phone.who.user_id;
    bubble.addEventListener("click", () => select(user(), entry.wamid));
    bubble.addEventListener("keydown", (event) => { if (event.key === "Enter") select(user(), entry.wamid); });
    row.querySelector(".bubble-line").append(messageMenuButton(user, entry, {
      textOf: (wamid) => phone.entries.get(wamid).entry.text,
      quote: (wamid) => quote(phone, wamid),
      failed: () => linkState("lost"),
    }));
    if (entry.quoted && entry.side === "person") {
      row.querySelector(".quoted").hidden = false;
      row.querySelector(".quoted").textContent = shortText(phone, entry.quoted);
    }
    if (entry.side === "business") phone.element.querySelector(".typing")?.remove();
    list.append(row);
  }
  phone.entries.set(entry.wamid, { row, entry });
  row.querySelector(".body").textContent = entry.text;
  const shown = row.querySelector(".file");
  if (entry.file && !shown) row.querySelector(".body").before(fileElement(entry.file));
  if (!entry.file) shown?.remove();
  row.querySelector(".reaction").textContent = entry.reaction ?? "";
  row.dataset.ticks = entry.ticks;
  const ticks = row.querySelector(".ticks");
  ticks.dataset.ticks = entry.ticks;
  ticks.textContent = (entry.side === "person" ? MY_TICKS : TICKS)[entry.ticks];
  row.querySelector(".note").textContent = entry.note ?? "";
  if (isNew) list.scrollTop = list.scrollHeight;
  if (selected?.wamid === entry.wamid) inspect();
}

function tapButton(phone, entry, button) {
  const element = document.createElement("button");
  element.type = "button";
  element.dataset.buttonId = button.id;
  element.textContent = button.title;
  element.addEventListener("click", () => {
    post("/_sim/tap", { person: phone.who.user_id, wamid: entry.wamid, button_id: button.id }).catch(() => linkState("lost"));
  });
  return element;
}

function showTyping(person) {
  const list = phones.get(person)?.element.querySelector(".messages");
  if (!list || list.querySelector(".typing")) return;
  const row = document.createElement("li");
  row.className = "typing";
  row.textContent = "typing…";
  list.append(row);
  setTimeout(() => row.remove(), 25_000);
}

function select(person, wamid) {
  for (const { row } of phones.get(selected?.person)?.entries.values() ?? []) row.classList.remove("selected");
  selected = { person, wamid };
  phones.get(person).entries.get(wamid).row.classList.add("selected");
  inspect();
}

// The message a reply answers: the quoted one, else the newest before it.
function questionOf(entries, reply) {
  if (reply.quoted && entries.has(reply.quoted)) return entries.get(reply.quoted).entry;
  let question = null;
  for (const { entry } of entries.values()) {
    if (entry.wamid === reply.wamid) break;
    if (entry.side === "person") question = entry;
  }
  return question;
}

function inspect() {
  const { entries } = phones.get(selected.person);
  const { entry } = entries.get(selected.wamid);
  byId("inspector-empty").hidden = true;
  byId("inspector-body").hidden = false;
  byId("inspector-direction").textContent = entry.side === "person" ? "webhook: Meta to the gateway" : "Graph call: the messenger to Meta";
  byId("inspector-state").textContent = [STATES[entry.side][entry.ticks], entry.note].filter(Boolean).join(", ");
  byId("inspector-ms").textContent = entry.answer_ms === null ? "–" : `${entry.answer_ms} ms`;
  byId("inspector-trace").textContent = entry.trace_id ?? "–";
  byId("inspector-wamid").textContent = entry.wamid;
  const wires = byId("inspector-wires");
  wires.replaceChildren();
  if (entry.side === "person") return wires.append(...wire("Webhook body", "webhook", entry.wire));
  wires.append(...wire("Graph request", "graph", entry.wire));
  const question = questionOf(entries, entry);
  if (question) wires.append(...wire("Webhook it answers", "webhook", question.wire));
}

function wire(title, kind, raw) {
  const heading = document.createElement("h3");
  const text = document.createElement("pre");
  const toggle = document.createElement("button");
  toggle.type = "button";
  toggle.className = "raw-switch";
  text.dataset.wire = kind;
  let isRaw = false;
  const show = () => {
    text.textContent = isRaw ? raw : JSON.stringify(JSON.parse(raw), null, 2);
    toggle.textContent = isRaw ? "readable" : "bytes as sent";
  };
  toggle.addEventListener("click", () => { isRaw = !isRaw; show(); });
  heading.append(title, toggle);
  show();
  return [heading, text];
}

function linkState(state) {
  byId("link-state").dataset.state = state;
  byId("link-state").textContent = { connecting: "connecting", live: "live", lost: "the stack does not answer" }[state];
}

function showNotice(about) {
  byId("tagline").textContent = "Connected to the real WhatsApp.";
  byId("inspector").hidden = true;
  const notice = document.createElement("div");
  notice.className = "notice";
  notice.id = "notice";
  notice.textContent = about.notice;
  byId("phones").append(notice);
  byId("link-state").hidden = true;
}

async function load() {
  const about = await get("/_sim/about");
  if (about.notice) return showNotice(about);
  about.people.forEach(addPhone);
  for (const person of phones.keys()) {
    const { entries } = await get(`/_sim/transcript?person=${encodeURIComponent(person)}`);
    for (const entry of entries) showEntry(person, entry);
  }
}

function listen() {
  const source = new EventSource("/_sim/events");
  source.addEventListener("open", () => { linkState("live"); load().catch(() => linkState("lost")); });
  source.addEventListener("error", () => linkState("lost"));
  source.addEventListener("message", ({ data }) => {
    const change = JSON.parse(data);
    if (change.event === "entry") showEntry(change.person, change.entry);
    if (change.event === "typing") showTyping(change.person);
    if (change.event === "person") addPhone(change.person);
    if (change.event === "identity") changeIdentity(change.was, change.person);
    if (change.event === "reload") load().catch(() => linkState("lost"));
  });
}

const about = await get("/_sim/about").catch(() => null);
if (about?.notice) showNotice(about);
else {
  startTrouble();
  listen();
}
