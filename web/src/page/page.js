/** Starts the page: tabs, the model, files that are dropped or pasted, installation. */

import { Matting } from "./tfmatting.js";

import { CameraTab } from "./camera_tab.js";
import { element, say } from "./dom.js";
import { keepOffline } from "./offline.js";
import { PhotosTab } from "./photos_tab.js";

const OWN_FILE = "own";
const tabs = ["photos", "camera"];
let loading = null;

/** The library's object, loaded when it is first needed, once. */
function matting() {
  loading ??= load().catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}

async function load() {
  const started = performance.now();
  say("Loading the model …");
  const loaded = await Matting.load({ model: element("model").value, progress: sayProgress });
  sayReady(loaded, started);
  return loaded;
}

function sayProgress(part) {
  say(`Loading the model … ${Math.min(100, Math.round(100 * part))} %`);
}

function sayReady({ network }, started) {
  const place = network.accelerator === "webgpu" ? "WebGPU" : network.threads > 1 ? `${network.threads} threads` : "one thread";
  say(`Ready in ${((performance.now() - started) / 1000).toFixed(1)} s, ${place}.`);
  document.body.dataset.ready = String(Number(document.body.dataset.ready ?? 0) + 1);
  keepOffline.used(network.files);
}

const photosTab = new PhotosTab(matting);
const cameraTab = new CameraTab(matting);

async function changeModel(model) {
  if (!loading) return;
  const started = performance.now();
  say("Loading the model …");
  try {
    const loaded = await matting();
    await loaded.use(model, { progress: sayProgress });
    sayReady(loaded, started);
    await photosTab.repeatAll();
  } catch (error) {
    say(`The model: ${error.message}`, true);
  }
}

async function fillModels() {
  const select = element("model");
  for (const { name, title, bytes } of await Matting.models()) {
    select.add(new Option(`${title} · ${(bytes / 1e6).toFixed(1)} MB`, name));
  }
  select.add(new Option("A file of yours …", OWN_FILE));
  const kept = localStorage.getItem("model");
  if ([...select.options].some(({ value }) => value === kept)) select.value = kept;
  let before = select.value;
  select.onchange = () => {
    if (select.value === OWN_FILE) {
      select.value = before;
      element("model-file").click();
      return;
    }
    before = select.value;
    localStorage.setItem("model", before);
    changeModel(before);
  };
  element("model-file").onchange = async ({ target }) => {
    const [file] = target.files;
    target.value = "";
    if (!file) return;
    await matting();
    changeModel(file);
  };
}

function showTab(name) {
  for (const tab of tabs) {
    const chosen = tab === name;
    element(tab).hidden = !chosen;
    const button = element(`tab-${tab}`);
    button.setAttribute("aria-selected", String(chosen));
    button.tabIndex = chosen ? 0 : -1;
  }
  if (name !== "camera") cameraTab.stop();
  history.replaceState(null, "", name === "camera" ? "#camera" : location.pathname + location.search);
}

function wireTabs() {
  for (const tab of tabs) element(`tab-${tab}`).onclick = () => showTab(tab);
  document.querySelector("[role=tablist]").onkeydown = ({ key }) => {
    if (key !== "ArrowLeft" && key !== "ArrowRight") return;
    const next = tabs.find((tab) => element(tab).hidden);
    showTab(next);
    element(`tab-${next}`).focus();
  };
  showTab(location.hash === "#camera" ? "camera" : "photos");
}

function wireFiles() {
  const open = (list) => {
    const files = [...list].filter((file) => file.type.startsWith("image/"));
    if (!files.length) {
      if (list.length) say("That is no picture.", true);
      return;
    }
    showTab("photos");
    photosTab.add(files);
  };
  const counts = { depth: 0 };
  addEventListener("dragenter", () => document.body.classList.toggle("dropping", ++counts.depth > 0));
  addEventListener("dragleave", () => document.body.classList.toggle("dropping", --counts.depth > 0));
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    counts.depth = 0;
    document.body.classList.remove("dropping");
    open(event.dataTransfer.files);
  });
  addEventListener("paste", (event) => open(event.clipboardData.files));
}

await fillModels();
wireTabs();
wireFiles();
keepOffline.start();
document.body.dataset.page = "ready";
