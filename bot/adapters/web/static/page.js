// The page: channels, the streams of messages, the box to type in, and the dialogs. Everything shown comes rendered from the
// server; this file puts it in its place, keeps focus where it was, and sends what a person does.

const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

const body = document.body;
const line = $("#line");
const offers = $("#offers");
const joined = body.dataset.joined === "yes";
const middles = new Map($$(".stream").map((stream) => [stream.dataset.channel, $(".middle", stream)]));
const unread = new Map();
let here = body.dataset.channel;

// ---- times in the reader's own zone

const locale = navigator.languages.find((tag) => tag.startsWith("en")) ?? "en-GB";
const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const date = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long" });
const full = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short" });
const weekday = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

function daysFromNow(at) {
  const midnight = (moment) => Date.UTC(moment.getFullYear(), moment.getMonth(), moment.getDate());
  return Math.round((midnight(at) - midnight(new Date())) / 86_400_000);
}

function day(at) {
  const days = daysFromNow(at);
  return Math.abs(days) < 2 ? relative.format(days, "day") : date.format(at);
}

function fromNow(at) {
  const seconds = (at - Date.now()) / 1000;
  for (const [unit, size] of [["day", 86_400], ["hour", 3_600], ["minute", 60]]) {
    if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit);
  }
  return seconds < 0 ? "just now" : "in less than a minute";
}

function spoken(at, style) {
  if (style === "stamp" || style === "time") return clock.format(at);
  if (style === "date") return date.format(at);
  return style === "relative" ? fromNow(at) : `${day(at)} at ${clock.format(at)}`;
}

function localise(within) {
  for (const time of $$("time[data-style]", within)) {
    const at = new Date(time.getAttribute("datetime"));
    const text = spoken(at, time.dataset.style);
    if (time.textContent !== text) time.textContent = text;
    time.title = full.format(at);
  }
}

// ---- messages in their place

const capital = (text) => text[0].toUpperCase() + text.slice(1);
const parsed = (html) => document.createRange().createContextualFragment(html).firstElementChild;

/** Lines between days, and no second name over what the same person says next. */
function arrange(middle) {
  for (const line of $$(".day", middle)) line.remove();
  let before = null;
  for (const article of $$("article", middle)) {
    const at = new Date(article.dataset.at);
    const last = before && new Date(before.dataset.at);
    const sameDay = last && last.toDateString() === at.toDateString();
    if (!sameDay) article.before(dayLine(at));
    const said = article.classList.contains("said") && before?.classList.contains("said");
    const follows = sameDay && said && before.dataset.author === article.dataset.author && at - last < 300_000;
    article.classList.toggle("follows", Boolean(follows));
    before = article;
  }
}

function dayLine(at) {
  const line = document.createElement("div");
  line.className = "day";
  line.setAttribute("role", "separator");
  line.setAttribute("aria-label", weekday.format(at));
  const text = document.createElement("span");
  text.textContent = Math.abs(daysFromNow(at)) < 2 ? capital(day(at)) : weekday.format(at);
  text.setAttribute("aria-hidden", "true");
  line.append(text);
  return line;
}

/** Make `old` look like `fresh` by changing only what differs, so that nobody loses the button they are about to press. */
function morph(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeName !== fresh.nodeName || old.nodeType !== Node.ELEMENT_NODE) {
    old.replaceWith(fresh);
    return;
  }
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  const [had, has] = [[...old.childNodes], [...fresh.childNodes]];
  has.forEach((child, n) => (had[n] ? morph(had[n], child) : old.append(child)));
  for (const child of had.slice(has.length)) child.remove();
}

function redraw(old, fresh) {
  const focused = old.contains(document.activeElement);
  morph(old, fresh);
  old.setAttribute("aria-live", "off"); // a count that moves is not read out again
  if (focused && !old.contains(document.activeElement)) old.focus({ preventScroll: true });
}

function insert(middle, fresh) {
  const id = Number(fresh.dataset.id);
  const before = $$("article", middle).findLast((article) => Number(article.dataset.id) < id);
  if (before) before.after(fresh);
  else $(".intro", middle).after(fresh);
}

/** Show a message, unless it or a newer version of it is there already. Says whether anything changed. */
function show(message) {
  const middle = middles.get(message.channel);
  const fresh = middle && parsed(message.html);
  if (!fresh) return false;
  localise(fresh);
  const old = $(`#m${message.id}`);
  if (old && Number(old.dataset.version) >= message.version) return false;
  const stream = middle.parentElement;
  const stuck = atEnd(stream);
  if (old) redraw(old, fresh);
  else insert(middle, fresh);
  arrange(middle);
  if (stuck) toEnd(stream);
  else if (!old && message.channel === here) $("#jump").hidden = false;
  return !old;
}

const atEnd = (stream) => stream.scrollHeight - stream.scrollTop - stream.clientHeight < 80;
const toEnd = (stream) => (stream.scrollTop = stream.scrollHeight);

function makeJump() {
  const jump = document.createElement("button");
  Object.assign(jump, { type: "button", id: "jump", className: "jump", hidden: true, textContent: "New messages ↓" });
  jump.addEventListener("click", () => {
    toEnd($(`#stream-${here}`));
    line.focus();
  });
  $("#composer").prepend(jump);
  for (const stream of $$(".stream")) {
    stream.addEventListener("scroll", () => atEnd(stream) && !stream.hidden && (jump.hidden = true), { passive: true });
  }
}

async function earlier(button) {
  const middle = button.closest(".middle");
  const stream = middle.parentElement;
  const articles = $$("article", middle);
  const query = new URLSearchParams({
    channel: stream.dataset.channel,
    before: articles[0]?.dataset.id ?? "0",
    have: articles.length,
  });
  const { messages } = await get(`/earlier?${query}`);
  const fromEnd = stream.scrollHeight - stream.scrollTop;
  for (const message of messages) {
    const fresh = parsed(message.html);
    localise(fresh);
    if (!$(`#m${message.id}`)) insert(middle, fresh);
  }
  arrange(middle);
  stream.scrollTop = stream.scrollHeight - fromEnd;
  if (!messages.length) button.parentElement.remove();
}

// ---- channels

function go(channel) {
  here = channel;
  for (const stream of $$(".stream")) stream.hidden = stream.dataset.channel !== channel;
  for (const link of $$("nav a")) {
    link.toggleAttribute("aria-current", link.dataset.channel === channel);
    if (link.dataset.channel === channel) {
      link.setAttribute("aria-current", "page");
      $("#about").textContent = link.dataset.about;
    }
  }
  $("#channel").textContent = channel;
  line.placeholder = `Message #${channel}, or / for commands`;
  $("#jump").hidden = true;
  unread.delete(channel);
  count();
  toEnd($(`#stream-${channel}`));
}

/** The number of unread messages of each channel, beside its name and in the title of the page. */
function count() {
  for (const link of $$("nav a")) {
    const number = unread.get(link.dataset.channel) ?? 0;
    const badge = $(".unread", link);
    badge.hidden = !number;
    badge.textContent = number ? `${number}` : "";
    if (number) badge.setAttribute("aria-label", `${number} unread`);
  }
  const all = [...unread.values()].reduce((sum, number) => sum + number, 0);
  document.title = `${all ? `(${all}) ` : ""}#${here} · Quizbot`;
}

function notice(message) {
  if (message.mine || (message.channel === here && document.visibilityState === "visible")) return;
  unread.set(message.channel, (unread.get(message.channel) ?? 0) + 1);
  count();
}

// ---- talking to the server

class Problem extends Error {
  constructor(text, suggestion = "") {
    super(text);
    this.suggestion = suggestion;
  }
}

const AWAY = "The bot cannot be reached just now. What you typed is still here; try again in a moment.";

async function answer(response) {
  const text = await response.text();
  let told = {};
  try {
    told = JSON.parse(text);
  } catch {
    told = { problem: text };
  }
  if (!response.ok) throw new Problem(told.problem || AWAY, told.suggestion);
  return told;
}

async function ask(address, options) {
  let response;
  try {
    response = await fetch(address, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(AWAY);
  }
  return answer(response);
}

const get = (address, options) => ask(address, options);
const post = (address, said) =>
  ask(address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(said) });

function newAct() {
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // `randomUUID` is missing where there is no https
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Show what came of something this person did. */
function take(outcome) {
  let last = null;
  for (const message of outcome.messages) {
    const added = show(message);
    if (added && message.channel === here) last = message;
    else if (!added) tell("The message has changed.");
  }
  if (last) toEnd($(`#stream-${here}`));
  if (outcome.form) openForm(outcome.form);
}

const tell = (text) => ($("#told").textContent = text);

function complain(error) {
  if (!(error instanceof Problem)) throw error;
  const toast = document.createElement("div");
  toast.className = "toast";
  const text = document.createElement("p");
  text.textContent = error.message;
  const close = parsed('<button type="button" class="plain" aria-label="Dismiss"><svg class="icon" aria-hidden="true"><use href="#close"/></svg></button>');
  close.addEventListener("click", () => toast.remove());
  toast.append(text, close);
  $("#toasts").replaceChildren(toast);
  setTimeout(() => toast.remove(), 12_000);
}

// ---- pressing and choosing

async function press(control, value = "") {
  if (control.getAttribute("aria-busy") === "true") return;
  control.setAttribute("aria-busy", "true");
  const { call, message } = control.dataset;
  try {
    take(await post("/press", { act: newAct(), message, call, value }));
    $("#toasts").replaceChildren();
  } catch (error) {
    complain(error);
  } finally {
    control.removeAttribute("aria-busy");
    if (control.matches("select")) control.value = "";
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.call) press(button);
  else if (button?.dataset.open) openDialog($(`#${button.dataset.open}`));
  else if ("close" in (button?.dataset ?? {})) button.closest("dialog").close();
  else if ("earlier" in (button?.dataset ?? {})) earlier(button).catch(complain);
});

// Arrow keys change a closed menu at once in some browsers: then it counts only when Enter is pressed.
const keyed = new WeakMap();

document.addEventListener("pointerdown", (event) => keyed.delete(event.target), true);
document.addEventListener("keydown", (event) => {
  const menu = event.target;
  if (!menu.matches?.("select[data-call]")) return;
  if (event.key === "Enter" && keyed.get(menu) === "changed") press(menu, menu.value);
  keyed.set(menu, event.key.startsWith("Arrow") ? "moving" : "");
});
document.addEventListener("change", (event) => {
  const menu = event.target;
  if (!menu.matches("select[data-call]")) return;
  if (keyed.get(menu) === "moving") keyed.set(menu, "changed");
  else press(menu, menu.value);
});

// ---- forms

let formAct = "";

function openForm(html) {
  const dialog = parsed(html);
  body.append(dialog);
  formAct = newAct();
  dialog.addEventListener("close", () => dialog.remove());
  $("form", dialog).addEventListener("submit", (event) => {
    event.preventDefault();
    sendForm(dialog);
  });
  openDialog(dialog);
}

function openDialog(dialog) {
  const opener = document.activeElement;
  dialog.addEventListener("close", () => opener?.isConnected && opener.focus(), { once: true });
  dialog.showModal();
  $("input, textarea, select", dialog)?.focus();
}

async function sendForm(dialog) {
  const values = {};
  for (const [name, value] of new FormData($("form", dialog))) (values[name] ??= []).push(value);
  await busy(dialog, async () => {
    const outcome = await post("/submit", { act: formAct, form: dialog.dataset.form, values });
    formAct = newAct();
    if (Object.keys(outcome.errors).length) mark(dialog, outcome.errors);
    else {
      dialog.close();
      take(outcome);
    }
  });
}

/** Run `work` with the dialog's button busy; what goes wrong is said in the dialog. */
async function busy(dialog, work) {
  const button = $("button[type=submit]", dialog);
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  mark(dialog, {});
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    $(".alert", dialog).textContent = error.message;
  } finally {
    button.removeAttribute("aria-busy");
  }
}

/** Write what is wrong beside each input, and go to the first. */
function mark(dialog, errors) {
  const rest = new Map(Object.entries(errors));
  let first = null;
  for (const input of $$("[data-input]", dialog)) {
    const text = rest.get(input.dataset.input) ?? "";
    rest.delete(input.dataset.input);
    $(".error", input).textContent = text;
    for (const control of [input, ...$$("input, textarea, select", input)]) {
      if (!control.matches("div")) control.toggleAttribute("aria-invalid", Boolean(text));
      if (text && control.hasAttribute("aria-invalid")) control.setAttribute("aria-invalid", "true");
    }
    if (text) first ??= $("input, textarea, select", input);
  }
  $(".alert", dialog).textContent = [...rest.values()].join(" ");
  first?.focus();
}

// ---- names

function nameDialog() {
  const dialog = $("#naming");
  $("form", dialog).addEventListener("submit", (event) => {
    event.preventDefault();
    busy(dialog, () => takeName(dialog, $("#name").value));
  });
  if (!joined) {
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.addEventListener("close", () => dialog.showModal());
    comeIn(dialog);
  }
}

async function takeName(dialog, name) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
  try {
    await post(joined ? "/name" : "/join", { name, zone });
    location.replace(location.href);
  } catch (error) {
    if (!(error instanceof Problem) || error.message === AWAY) throw error;
    mark(dialog, { name: error.message });
    if (error.suggestion) $("#name").value = error.suggestion;
    $("#name").select();
  }
}

/** Ask for a name, unless this browser has one: a link on another site brings people here without their cookie. */
async function comeIn(dialog) {
  const { known } = await get("/me").catch(() => ({ known: false }));
  if (known) location.replace(location.href);
  else openDialog(dialog);
}

// ---- the box to type in

let queue = Promise.resolve();
let waiting = 0;
const failed = new Map();
const sent = [];

$("#composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = line.value.trim();
  if (!text) return;
  closeOffers();
  line.value = "";
  draft();
  const act = failed.get(text) ?? newAct(); // the same line tried again is the same act
  const said = { act, channel: here, line: text };
  waiting += 1;
  line.setAttribute("aria-busy", "true");
  const next = () => deliver(said);
  queue = queue.then(next, next);
});

/** Send a line; one that could not be sent goes back into the box. */
async function deliver(said) {
  try {
    const outcome = await post("/type", said);
    sent.push(said.line);
    failed.delete(said.line);
    $("#toasts").replaceChildren();
    take(outcome);
  } catch (error) {
    failed.set(said.line, said.act);
    line.value = [said.line, line.value].filter(Boolean).join(" ");
    draft();
    complain(error);
  } finally {
    waiting -= 1;
    if (!waiting) line.removeAttribute("aria-busy");
  }
}

function draft() {
  sessionStorage.setItem("draft", line.value);
}

let asking = null;
let chosen = -1;

async function offer() {
  asking?.abort();
  const typed = line.value;
  if (!typed.startsWith("/")) return closeOffers();
  asking = new AbortController();
  const { signal } = asking;
  await new Promise((resolve) => setTimeout(resolve, 70));
  if (signal.aborted) return undefined;
  try {
    const { lines } = await get(`/complete?${new URLSearchParams({ channel: here, line: typed })}`, { signal });
    const useful = lines.filter((text) => text !== typed.trim());
    return useful.length && line.value === typed ? openOffers(useful, typed) : closeOffers();
  } catch {
    return closeOffers(); // typing goes on without help
  }
}

function openOffers(lines, typed) {
  offers.replaceChildren(...lines.slice(0, 25).map((text, n) => offered(text, n, typed)));
  offers.hidden = false;
  offers.scrollTop = 0;
  line.setAttribute("aria-expanded", "true");
  choose(-1);
  const number = offers.children.length;
  tell(`${number} ${number === 1 ? "suggestion" : "suggestions"}. Tab takes the first, arrow keys choose.`);
}

function offered(text, n, typed) {
  const item = document.createElement("li");
  Object.assign(item, { id: `offer-${n}`, role: "option" });
  item.dataset.line = text;
  const known = text.toLowerCase().startsWith(typed.toLowerCase()) ? typed.length : 0;
  const rest = document.createElement("b");
  rest.textContent = text.slice(known);
  item.append(text.slice(0, known), rest);
  return item;
}

function closeOffers() {
  asking?.abort();
  offers.hidden = true;
  offers.replaceChildren();
  line.setAttribute("aria-expanded", "false");
  line.removeAttribute("aria-activedescendant");
  chosen = -1;
}

function choose(index) {
  const items = [...offers.children];
  chosen = index < -1 ? items.length - 1 : index >= items.length ? -1 : index;
  items.forEach((item, n) => item.setAttribute("aria-selected", n === chosen ? "true" : "false"));
  if (chosen < 0) line.removeAttribute("aria-activedescendant");
  else {
    line.setAttribute("aria-activedescendant", items[chosen].id);
    items[chosen].scrollIntoView({ block: "nearest" });
  }
}

function accept(item) {
  line.value = `${item.dataset.line} `;
  draft();
  line.focus();
  offer();
}

line.addEventListener("input", () => {
  draft();
  offer();
});
line.addEventListener("blur", () => setTimeout(() => document.activeElement !== line && closeOffers(), 150));
line.addEventListener("keydown", (event) => {
  const open = !offers.hidden;
  if (event.key === "ArrowUp" && !open && !line.value && sent.length) line.value = sent.at(-1);
  else if (open && event.key === "ArrowDown") choose(chosen + 1);
  else if (open && event.key === "ArrowUp") choose(chosen - 1);
  else if (open && event.key === "Escape") closeOffers();
  else if (open && event.key === "Tab" && !event.shiftKey) accept(offers.children[Math.max(chosen, 0)]);
  else if (open && event.key === "Enter" && chosen >= 0) accept(offers.children[chosen]);
  else return;
  event.preventDefault();
});
offers.addEventListener("pointerdown", (event) => {
  event.preventDefault(); // the box keeps the focus
  const item = event.target.closest("li");
  if (item) accept(item);
});

document.addEventListener("keydown", (event) => {
  const busyElsewhere = event.target.closest?.("input, textarea, select, dialog");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || busyElsewhere) return;
  event.preventDefault();
  line.value ||= "/";
  line.focus();
  offer();
});

// ---- what arrives by itself

let version = Number(body.dataset.version);
let source = null;
let pause = 1000;
let resting = false;

function linked(text) {
  $("#link").textContent = text;
  body.dataset.linked = text ? "no" : "yes";
}

function connect() {
  resting = false;
  source?.close();
  source = new EventSource(`/events?after=${version}`);
  source.addEventListener("open", () => {
    pause = 1000;
    linked("");
  });
  source.addEventListener("message", (event) => {
    version = Number(event.lastEventId);
    const message = JSON.parse(event.data);
    if (show(message)) notice(message);
  });
  source.addEventListener("reload", () => location.reload());
  source.addEventListener("full", () => {
    source.close();
    resting = true;
    linked("Paused: open in too many tabs");
    wake();
  });
  source.addEventListener("error", () => {
    linked("Reconnecting …");
    if (source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    setTimeout(connect, pause);
    pause = Math.min(pause * 2, 15_000);
  });
}

function wake() {
  if (resting && document.visibilityState === "visible" && document.hasFocus()) connect();
}

document.addEventListener("visibilitychange", () => {
  wake();
  if (document.visibilityState !== "visible") return;
  unread.delete(here);
  count();
});
addEventListener("focus", wake);
addEventListener("pageshow", (event) => event.persisted && location.reload());

// ---- begin

for (const link of $$("nav a")) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (link.dataset.channel !== here) history.pushState(null, "", link.href);
    go(link.dataset.channel);
    if (matchMedia("(hover: hover)").matches) line.focus();
  });
}
addEventListener("popstate", () => go(location.pathname.split("/")[2] || [...middles.keys()][0]));

makeJump();
localise(document);
middles.forEach(arrange);
setInterval(() => localise(document), 30_000);
nameDialog();
toEnd($(`#stream-${here}`));
if (joined) {
  line.value = sessionStorage.getItem("draft") ?? "";
  connect();
  if (matchMedia("(hover: hover)").matches) line.focus();
}
