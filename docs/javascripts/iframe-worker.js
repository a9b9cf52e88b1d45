// Pages opened from the disk may not start workers. There, a hidden frame takes the worker's place:
// it loads the same script and exchanges the same messages with the page.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.append(frame);
      this.inside = frame.contentWindow;
      const forward = (data) => this.#emit(data);
      this.inside.document.open();
      this.inside.toPage = forward;
      this.inside.document.write(
        "<script>" +
          "var postMessage = function (data) { window.toPage(data) };" +
          "var importScripts = function () { return Array.from(arguments).reduce(function (before, url) {" +
          "return before.then(function () { return new Promise(function (done, failed) {" +
          "var script = document.createElement('script'); script.src = url; script.onload = done;" +
          "script.onerror = failed; document.body.append(script) }) }) }, Promise.resolve()) };" +
          "</scr" + "ipt><script src='" + url + "'></scr" + "ipt>",
      );
      this.inside.document.close();
    }

    postMessage(data) {
      this.inside.dispatchEvent(new MessageEvent("message", { data }));
    }

    terminate() {
      this.inside.frameElement.remove();
    }

    #emit(data) {
      const event = new MessageEvent("message", { data });
      this.dispatchEvent(event);
      if (this.onmessage) this.onmessage(event);
    }
  };
}
