/** Installation, use without a network, and new versions. */

import { element } from "./dom.js";

export const keepOffline = {
  /** Registers the service worker; offers a new version and the installation. */
  async start() {
    addEventListener("beforeinstallprompt", (event) => {
      event.preventDefault();
      const button = element("install");
      button.hidden = false;
      button.onclick = () => event.prompt();
    });
    addEventListener("appinstalled", () => (element("install").hidden = true));
    if (!("serviceWorker" in navigator)) return;
    const controlled = Boolean(navigator.serviceWorker.controller);
    let reloads = false;
    navigator.serviceWorker.addEventListener("controllerchange", () => {
      if (!controlled || reloads) return; // the first visit goes on as it is
      reloads = true;
      location.reload();
    });
    const registration = await navigator.serviceWorker.register("service_worker.js");
    const offer = (worker) => {
      if (!worker || !navigator.serviceWorker.controller) return;
      element("update").hidden = false;
      element("update-now").onclick = () => worker.postMessage({ update: true });
    };
    offer(registration.waiting);
    registration.addEventListener("updatefound", () => {
      const worker = registration.installing;
      worker.addEventListener("statechange", () => worker.state === "installed" && offer(worker));
    });
  },

  /** Has the service worker keep what the model's worker has fetched, perhaps before it was there. */
  async used(files) {
    if (!("serviceWorker" in navigator)) return;
    const { active } = await navigator.serviceWorker.ready;
    active?.postMessage({ used: files });
  },
};
