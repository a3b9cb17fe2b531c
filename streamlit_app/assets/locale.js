// Tables, date pickers and number fields format by the browser's locale; here that is the language the reader chose.
(() => {
  const language = document.documentElement.lang;
  Object.defineProperty(navigator, "language", { get: () => language, configurable: true });
  Object.defineProperty(navigator, "languages", { get: () => [language], configurable: true });
})();
// Signed out in another tab: load this one anew, which leads to the door.
new BroadcastChannel("nova").onmessage = () => location.reload();
