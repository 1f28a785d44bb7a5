// What can be done to a message, and what a person can do beside writing.

import { post } from "./wire.js";

let open = null;

document.addEventListener("click", () => { open?.remove(); open = null; });

// Opens a menu of [label, action] beside a button.
function openMenu(button, choices) {
  open?.remove();
  open = document.createElement("div");
  open.className = "menu";
  for (const [label, action] of choices) {
    const choice = document.createElement("button");
    choice.type = "button";
    choice.textContent = label;
    choice.addEventListener("click", action);
    open.append(choice);
  }
  button.parentElement.append(open);
}

export function messageMenuButton(person, entry, { textOf, quote, failed }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "more";
  button.textContent = "⋯";
  button.ariaLabel = "What can be done with this message";
  const wamid = entry.wamid;
  const react = (emoji) => () => post("/_sim/react", { person: person(), wamid, emoji }).catch(failed);
  button.addEventListener("click", (event) => {
    event.stopPropagation();
    const answer = ["Reply", () => quote(wamid)];
    if (entry.side === "business") {
      return openMenu(button, [["👍", react("👍")], ["❤️", react("❤️")], ["Take reaction back", react(null)], answer]);
    }
    const edit = () => {
      const text = prompt("The message as it should have been", textOf(wamid));
      if (text) post("/_sim/edit", { person: person(), wamid, text }).catch(failed);
    };
    const remove = () => post("/_sim/delete", { person: person(), wamid }).catch(failed);
    openMenu(button, [["Edit", edit], ["Delete", remove], answer]);
  });
  return button;
}

const digits = (count) => Array.from({ length: count }, () => Math.floor(Math.random() * 10)).join("");

export function personMenuButton(button, person, { failed }) {
  const act = (path, body) => () => post(path, { person: person().user_id, ...body() }).catch(failed);
  const country = () => person().user_id.split(".")[0];
  const choices = [
    ["New number", act("/_sim/identity", () => ({ phone: `2782${digits(7)}`, user_id: `${country()}.${digits(8)}` }))],
    ["New user id", act("/_sim/identity", () => ({ user_id: `${country()}.${digits(8)}` }))],
    ["A day goes by (24 hours are over)", act("/_sim/window/close", () => ({}))],
    ["Send where I am", act("/_sim/raw", () => ({ kind: "location", body: { latitude: -33.92, longitude: 18.42, name: "My shop" } }))],
    ["Send a contact", act("/_sim/raw", () => ({ kind: "contacts", body: [{ name: { formatted_name: "Lindiwe", first_name: "Lindiwe" }, phones: [{ phone: "+27 82 555 0177", wa_id: "27825550177", type: "CELL" }] }] }))],
    ["Forward “Added 5 milk”", act("/_sim/say", () => ({ text: "Added 5 milk", forwarded: "once" }))],
    ["Write “Added 5 milk” three hours ago", act("/_sim/say", () => ({ text: "Added 5 milk", written_earlier_s: 10800 }))],
    ["Make a poll", act("/_sim/unsupported", () => ({ kind: "poll_creation" }))],
    ["The business writes by hand", act("/_sim/echo", () => ({ text: "We close at five today." }))],
  ];
  button.addEventListener("click", (event) => { event.stopPropagation(); openMenu(button, choices); });
}
