"""Words of the dashboard."""

WORDS = {
    "panel.since_yesterday": ("em relação ao dia anterior", "against the day before"),
    "panel.target": ("meta {value}", "target {value}"),
    "panel.trend_of": ("{name}: últimos 90 dias", "{name}: last 90 days"),
    "panel.one_cut": (
        "Os indicadores aceitam um filtro por vez; agora mostram: {dimension}. As filas e o mapa usam todos.",
        "Key figures take one filter at a time; now they show: {dimension}. Queues and map use all of them.",
    ),
    "panel.forecast_value": ("Valor da previsão", "Forecast value added"),
    "panel.versus_naive": ("vs. ingênua, em teste retroativo", "vs. naive, in backtest"),
    "panel.over_naive": ("{value} sobre a previsão ingênua", "{value} over the naive forecast"),
    "panel.calibrated": ("calibrada", "calibrated"),
    "panel.uncalibrated": ("fora da calibração", "off calibration"),
    "panel.coverage": ("90 % previsto, {value} observado", "90% stated, {value} observed"),
    "panel.buy_today": ("Comprar hoje", "Buy today"),
    "panel.avoids": ("evita {value}", "avoids {value}"),
    "panel.avoided": ("evitados", "avoided"),
    "panel.buy_line": ("{site} · {quantity} · até {day}", "{site} · {quantity} · by {day}"),
    "panel.late": ("Atrasos que importam", "Delays that matter"),
    "panel.days_late": ("+{days} d", "+{days} d"),
    "panel.risk_of": ("risco {value}", "risk {value}"),
    "panel.at_risk": ("Em risco de ruptura", "At risk of stock-out"),
    "panel.share_at_risk": ("Parte em risco", "Share at risk"),
    "panel.risk_line": ("{site} · {stock} em estoque · {days}", "{site} · {stock} on hand · {days}"),
    "panel.stockout": ("ruptura", "stock-out"),
    "panel.open_all": ("abrir ›", "open ›"),
    "panel.nothing_to_buy": (
        "Nada a comprar hoje. Itens aparecem aqui quando a posição chega ao ponto de pedido.",
        "Nothing to buy today. Items appear here when their position reaches the reorder point.",
    ),
    "panel.nothing_late": (
        "Nenhum pedido atrasado. Eles aparecem aqui quando passam da data prometida.",
        "No late order. They appear here once past their promised day.",
    ),
    "panel.nothing_at_risk": (
        "Nenhum item em risco. Eles aparecem aqui quando o risco passa de 20 %.",
        "Nothing at risk. Items appear here when their risk exceeds 20%.",
    ),
    "panel.changed": ("Mudou desde ontem", "Changed since yesterday"),
    "panel.changed_since": ("Mudou desde {day}", "Changed since {day}"),
    "panel.alerts_new": ("{count} alertas novos", "{count} new alerts"),
    "panel.alerts_new.one": ("{count} alerta novo", "{count} new alert"),
    "panel.alerts_resolved": ("{count} resolvidos", "{count} resolved"),
    "panel.alerts_resolved.one": ("{count} resolvido", "{count} resolved"),
    "panel.suppliers_slower": ("{count} fornecedores mais lentos", "{count} suppliers got slower"),
    "panel.suppliers_slower.one": ("{count} fornecedor mais lento", "{count} supplier got slower"),
    "panel.loaded": (
        "última carga: {rows} linhas, {rejected} rejeitadas",
        "last load: {rows} rows, {rejected} rejected",
    ),
    "panel.trend": ("Ruptura e capital parado", "Stock-outs and tied-up capital"),
    "panel.trend_told": ("{name}: de {first} a {last} no período", "{name}: from {first} to {last} over the period"),
    "panel.advice": ("O que as recomendações valeram", "What the advice was worth"),
    "panel.advice_told": (
        "Seguidas, teriam evitado {nothing} por dia contra não fazer nada e {rule} contra a regra antiga de mínimo e "
        "máximo.",
        "Followed, it would have avoided {nothing} a day against doing nothing and {rule} against the old rule of "
        "minimum "
        "and maximum.",
    ),
    "panel.advice_open": ("ver decisão por decisão ›", "see decision by decision ›"),
    "panel.no_advice": (
        "Ainda não: cada recomendação é conferida quando termina o seu período de proteção.",
        "Not yet: each recommendation is checked once its protection period is over.",
    ),
    "panel.map_told": (
        "{count} sites com risco alto; os mais expostos: {worst}",
        "{count} sites at high risk; the most exposed: {worst}",
    ),
    "panel.months": ("{n} meses", "{n} months"),
    "panel.map": ("Risco por site", "Risk by site"),
    "panel.no_coordinates": (
        "Nenhum site tem latitude e longitude. Preencha-as no cadastro de sites para ver o mapa.",
        "No site has coordinates. Fill in latitude and longitude in the sites feed to see the map.",
    ),
}
