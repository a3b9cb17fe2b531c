"""Words of the page that explains the REST API."""

WORDS = {
    "api.title": ("API REST", "REST API"),
    "api.intro": (
        "Somente leitura. Toda chamada leva “Authorization: Bearer” com um token de API (criado em Minha conta) ou com "
        "um token de POST /api/v1/token.",
        "Read-only. Every call carries “Authorization: Bearer” with an API token (made under My account) or with a "
        "token of POST /api/v1/token.",
    ),
    "api.rules": (
        "Listas vêm em páginas (limit, offset, total). ETag com If-None-Match poupa o que já se tem. Quantidades na "
        "unidade do material, valores em reais, datas de negócio da Bahia, horários em UTC.",
        "Lists come in pages (limit, offset, total). ETag with If-None-Match saves sending what is known. Quantities "
        "are in the material's unit, money is in BRL, dates are business dates of Bahia, times are UTC.",
    ),
    "api.specification": ("Especificação OpenAPI 3.1", "OpenAPI 3.1 specification"),
    "api.example": ("Exemplo", "Example"),
    "api.parameters": ("Parâmetros", "Parameters"),
    "api.answer": ("Resposta", "Answer"),
    "api.field": ("campo", "field"),
    "api.type": ("tipo", "type"),
    "api.default": ("padrão", "default"),
    "api.meaning": ("significado", "meaning"),
    "api.required": ("obrigatório", "required"),
    "api.problems": ("Erros (application/problem+json)", "Errors (application/problem+json)"),
    "api.problem_text": (
        "Cada erro diz o que houve (title, detail) e o que fazer (cure).",
        "Every error says what is wrong (title, detail) and what to do about it (cure).",
    ),
    "api.items": ("Materiais e serviços", "Materials and services"),
    "api.item": ("Um material, com o que cada local tem e planeja", "One material, with what each site has and plans"),
    "api.demand": ("Demanda de um material no tempo", "Demand of a material over time"),
    "api.inventory": (
        "Estoque, posição e política de materiais por local",
        "Stock, position and policy of materials at sites",
    ),
    "api.forecasts": (
        "Previsões das somas de 30, 60 e 90 dias e do período de proteção, com intervalos",
        "Forecasts of the sums over 30, 60 and 90 days and the protection period, with intervals",
    ),
    "api.features": ("Variáveis como os modelos as veem", "Features as the models see them"),
    "api.kpis": (
        "Indicadores com definição, véspera, 30 dias antes e tendência",
        "Key figures with definition, the day before, 30 days before and trend",
    ),
    "api.recommendations": (
        "O que comprar, mover ou apressar, por quê, e o que foi decidido",
        "What to buy, move or expedite, why, and what was decided",
    ),
    "api.alerts": (
        "O que está errado ou vai dar errado, do pior ao menor",
        "What is wrong or about to be, worst first",
    ),
    "api.suppliers": ("Fornecedores e sua pontualidade", "Suppliers and how punctual they are"),
    "api.health": ("Banco de dados, cache e atualidade", "Database, cache and freshness"),
    "api.make_token": (
        "Um token de 8 horas, por usuário e senha; sistemas usam um token de API",
        "A token for 8 hours, for name and password; systems use an API token",
    ),
    "api.end_token": ("Encerra o token desta chamada", "Ends the token of this call"),
}
