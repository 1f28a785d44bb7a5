// Voice notes, photos and documents: from the microphone, from a file, or the samples that come with the page.

import { postFile } from "./wire.js";

const dialog = document.getElementById("attach");
const form = document.getElementById("attach-form");
const field = (name) => form.elements[name];
// WhatsApp's phones record Opus in Ogg. Where a browser cannot, MP4 is the next that Meta takes.
const RECORDINGS = [["audio/ogg;codecs=opus", "audio/ogg; codecs=opus"], ["audio/mp4;codecs=opus", "audio/mp4"], ["audio/mp4", "audio/mp4"]];
const SAMPLES = {
  voice: { path: "/assets/sample-voice.ogg", type: "audio/ogg; codecs=opus", name: "voice.ogg", words: "Added fifty screws" },
  note: { path: "/assets/sample-note.jpg", type: "image/jpeg", name: "delivery-note.jpg",
    words: "Supplier JUMBO CASH & CARRY\nDelivery note INV 88213\n12 x COKE 2L @ 18.00\n10 x BROWN BREAD @ 11.65\nTotal R332.50" },
};
const TYPES = { pdf: "application/pdf", csv: "text/csv", txt: "text/plain", xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ogg: "audio/ogg; codecs=opus", opus: "audio/ogg; codecs=opus" };

let target = null; // who attaches
let chosen = null; // { blob, type, name, isVoice }

export function recordingType() {
  if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) return null;
  return RECORDINGS.find(([type]) => MediaRecorder.isTypeSupported(type)) ?? null;
}

export function openAttach(person, failed) {
  target = { person, failed };
  choose(null);
  form.reset();
  dialog.showModal();
}

// Starts a recording and returns what stops it.
export async function record(person, failed) {
  const [recorderType, type] = recordingType();
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
  const recorder = new MediaRecorder(stream, { mimeType: recorderType });
  const pieces = [];
  recorder.addEventListener("dataavailable", ({ data }) => pieces.push(data));
  recorder.addEventListener("stop", () => {
    for (const track of stream.getTracks()) track.stop();
    openAttach(person, failed);
    choose({ blob: new Blob(pieces, { type }), type, name: "voice", isVoice: true });
  });
  recorder.start();
  return () => recorder.stop();
}

function typeOf(file) {
  return TYPES[file.name.split(".").pop().toLowerCase()] ?? (file.type || "application/octet-stream");
}

function kindOf(type) {
  if (type === "image/jpeg" || type === "image/png") return "image";
  if (type === "image/webp") return "sticker";
  const kind = type.split("/")[0];
  return ["audio", "video"].includes(kind) ? kind : "document";
}

function choose(file) {
  chosen = file;
  const kind = file && kindOf(file.type);
  document.getElementById("attach-chosen").textContent = file ? `${file.name}, ${file.blob.size} bytes, ${file.type}` : "Nothing is chosen yet.";
  document.getElementById("attach-send").disabled = !file;
  document.getElementById("attach-caption-row").hidden = kind === "audio" || kind === "sticker";
  document.getElementById("attach-voice-row").hidden = kind !== "audio";
  field("voice").checked = Boolean(file?.isVoice);
}

async function chooseSample(name) {
  const sample = SAMPLES[name];
  const blob = await (await fetch(sample.path)).blob();
  choose({ blob, type: sample.type, name: sample.name, isVoice: name === "voice" });
  field("words").value = sample.words;
}

for (const button of dialog.querySelectorAll("[data-sample]")) {
  button.addEventListener("click", () => chooseSample(button.dataset.sample));
}

field("file").addEventListener("change", () => {
  const [file] = field("file").files;
  if (file) choose({ blob: file, type: typeOf(file), name: file.name, isVoice: typeOf(file).startsWith("audio/ogg") });
});

document.getElementById("attach-cancel").addEventListener("click", () => dialog.close());

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const kind = kindOf(chosen.type);
  const query = { person: target.person, kind, mime_type: chosen.type };
  if (kind === "document") query.filename = chosen.name;
  if (kind === "audio") query.voice = field("voice").checked;
  else if (kind !== "sticker" && field("caption").value.trim()) query.caption = field("caption").value.trim();
  if (field("words").value.trim()) query.words = field("words").value.trim();
  postFile(chosen.blob, query).catch(target.failed);
  dialog.close();
});

// What a bubble shows of a file.
export function fileElement(file) {
  const path = `/_sim/files/${encodeURIComponent(file.id)}`;
  const box = document.createElement("div");
  box.className = "file";
  if (file.kind === "image" || file.kind === "sticker") {
    const image = document.createElement("img");
    image.src = path;
    image.alt = file.kind;
    box.append(image);
  } else if (file.kind === "audio") {
    const audio = document.createElement("audio");
    audio.src = path;
    audio.controls = true;
    audio.preload = "metadata";
    box.append(audio);
  }
  const link = document.createElement("a");
  link.href = path;
  link.download = file.filename ?? `${file.kind}-${file.id}`;
  link.textContent = `${file.filename ?? file.kind} · ${Math.max(1, Math.round(file.size / 1024))} KB`;
  link.addEventListener("click", (event) => event.stopPropagation());
  box.append(link);
  return box;
}
