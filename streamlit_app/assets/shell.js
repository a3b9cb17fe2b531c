(() => {
  // Where Streamlit listens. Left to guess, it first looks below the address of the page, is refused, and waits.
  window.__streamlit = { BACKEND_BASE_URL: window.location.origin };

  // What Streamlit asks before it connects, for the first time or again. Refused, it would say "Connection error" for
  // ever; loaded anew, the page says what is the matter: signed out, a password to replace, the database gone.
  const REFUSALS = [401, 403, 503];
  const { fetch } = window;
  window.fetch = async (...question) => {
    const answer = await fetch(...question);
    if (answer.url.endsWith("/_stcore/host-config") && REFUSALS.includes(answer.status)) location.reload();
    return answer;
  };

  // Tables, date pickers and number fields format by the browser's locale; here that is the language the reader chose.
  const language = document.documentElement.lang;
  Object.defineProperty(navigator, "language", { get: () => language, configurable: true });
  Object.defineProperty(navigator, "languages", { get: () => [language], configurable: true });

  // Streamlit's own words, which it has in English only: menus of table columns, empty lists, names of its buttons.
  const WORDS = {
    "Sort ascending": "Ordem crescente",
    "Sort descending": "Ordem decrescente",
    "Autosize": "Ajustar largura",
    "Pin column": "Fixar coluna",
    "Unpin column": "Soltar coluna",
    "Hide column": "Esconder coluna",
    "Statistics": "Estatísticas",
    "Format": "Formato",
    "Automatic": "Automático",
    "Localized": "Regional",
    "Plain": "Simples",
    "Compact": "Compacto",
    "Percent": "Porcentagem",
    "Scientific": "Científico",
    "Accounting": "Contábil",
    "Distance": "Há quanto tempo",
    "Calendar": "Calendário",
    "Copy column name": "Copiar o nome da coluna",
    "Dataframe column menu": "Menu da coluna",
    "No results": "Nada encontrado",
    "Select all": "Selecionar tudo",
    "Clear all": "Limpar tudo",
    "Clear value": "Limpar",
    "Clear dates": "Limpar as datas",
    "Open": "Abrir",
    "Close": "Fechar",
    "Increment": "Aumentar",
    "Decrement": "Diminuir",
    "Choose date": "Escolher a data",
    "Choose date range": "Escolher o período",
    "Quick select a date range": "Períodos prontos",
    "Date range": "Período",
    "Select...": "Escolher…",
    "Past Week": "Última semana",
    "Past Month": "Último mês",
    "Past 3 Months": "Últimos 3 meses",
    "Past 6 Months": "Últimos 6 meses",
    "Past Year": "Último ano",
    "Past 2 Years": "Últimos 2 anos",
    "Previous month": "Mês anterior",
    "Next month": "Mês seguinte",
    "Previous page": "Página anterior",
    "Next page": "Página seguinte",
    "Pagination": "Páginas",
    "Notifications": "Avisos",
    "Selected values": "Escolhidos",
    "Navigate to home page": "Ir para o Painel",
    "Expand sidebar": "Abrir o menu",
    "Collapse sidebar": "Fechar o menu",
    "Sidebar": "Menu",
    "App pages": "Telas",
    "Connection error": "Sem conexão",
  };
  const NAMES = ["aria-label", "title", "placeholder"];

  function translateNames(element) {
    for (const name of NAMES) {
      const word = WORDS[element.getAttribute(name)];
      if (word) element.setAttribute(name, word);
    }
  }

  function translateText(text) {
    const word = WORDS[text.nodeValue];
    if (word) text.nodeValue = word;
  }

  function translate(root) {
    if (root.nodeType === Node.TEXT_NODE) translateText(root);
    if (root.nodeType !== Node.ELEMENT_NODE) return;
    for (const element of [root, ...root.querySelectorAll("[aria-label], [title], [placeholder]")]) translateNames(element);
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) translateText(texts.currentNode);
  }

  if (language === "pt-BR") {
    new MutationObserver((changes) => {
      for (const change of changes) {
        // What changes in place: a choice shown by its name, a button that opens and closes.
        if (change.type === "characterData") translateText(change.target);
        else if (change.type === "attributes") translateNames(change.target);
        else change.addedNodes.forEach(translate);
      }
    }).observe(document.documentElement, { childList: true, subtree: true, characterData: true, attributeFilter: NAMES });
  }

  // Signed out in another tab: load this one anew, which leads to the door.
  new BroadcastChannel("nova").onmessage = () => location.reload();
})();
