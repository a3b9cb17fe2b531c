"""Words of the simulator."""

WORDS = {
    "replay.title": ("Reprise do histórico", "Replay of history"),
    "replay.note": (
        "Passa a história real, dia a dia, por políticas candidatas que nunca veem o futuro. É uma execução registrada "
        "do processamento e leva alguns minutos; a página olha de novo sozinha.",
        "Takes real history, day by day, through candidate policies that never see the future. It is a recorded run of "
        "the pipeline and takes a few minutes; the page looks again by itself.",
    ),
    "replay.none": ("Nenhuma reprise pedida ainda.", "No replay asked for yet."),
    "replay.policies": ("Políticas", "Policies"),
    "replay.policy": ("Política", "Policy"),
    "replay.levels": ("Níveis de serviço", "Service levels"),
    "replay.months": ("Meses", "Months"),
    "replay.ask": ("Pedir reprise", "Ask for a replay"),
    "replay.asked": ("Reprise {number} pedida", "Replay {number} asked for"),
    "replay.done": ("pronta", "done"),
    "replay.waiting": ("na fila", "queued"),
    "replay.late": ("ainda não começou", "not begun yet"),
    "replay.running": ("em execução", "running"),
    "replay.silent": ("sem sinal", "no sign of life"),
    "replay.failed": ("falhou", "failed"),
    "replay.asked_at": ("pedida {ago}", "asked for {ago}"),
    "replay.started": ("execução desde {at}", "running since {at}"),
    "replay.took": ("respondida em {time}", "answered in {time}"),
    "replay.step": ("Etapa {n} de {of}: {what}", "Step {n} of {of}: {what}"),
    "replay.step_1": ("escolhe o modelo", "chooses the model"),
    "replay.step_2": ("refaz as previsões de cada mês", "makes each month's forecasts again"),
    "replay.step_3": ("passa os dias pelas políticas", "plays the days through the policies"),
    "replay.before": ("Antes, a reprise {number}. {step}", "Replay {number} first. {step}"),
    "replay.failed_cure": (
        "A execução {run} falhou: {reason}. O processamento tenta de novo sozinho após 10 e após 60 minutos; falhando "
        "sempre, a causa está em “nova doctor”, e depois de corrigida peça a reprise outra vez.",
        "Run {run} failed: {reason}. The pipeline tries again by itself after 10 and after 60 minutes; if it always "
        "fails, “nova doctor” tells the cause: mend it and ask for the replay again.",
    ),
    "replay.silent_cure": (
        "A execução deu sinal pela última vez {ago}. Veja com “nova status” se o processamento está de pé; “nova up” o "
        "levanta, e a reprise recomeça sozinha.",
        "The run last gave a sign of life {ago}. See with “nova status” whether the pipeline is up; “nova up” starts "
        "it, and the replay begins again by itself.",
    ),
    "replay.late_cure": (
        "Outra execução ocupa o processamento, ou ele está parado: “nova status” diz qual, e “nova up” o levanta. O "
        "pedido continua na fila.",
        "Another run keeps the pipeline busy, or it is down: “nova status” tells which, and “nova up” starts it. The "
        "request stays in the queue.",
    ),
    "replay.chart": ("Prateleira vazia contra valor do estoque", "Empty shelves against stock value"),
    "replay.empty": ("Dias de prateleira vazia", "Days of an empty shelf"),
    "replay.stock_value": ("Estoque médio (R$)", "Mean stock (R$)"),
    "replay.stock_axis": ("estoque médio (R$ mil)", "mean stock (R$ K)"),
    "replay.orders": ("Pedidos", "Orders"),
    "replay.total_cost": ("Custo total (R$)", "Total cost (R$)"),
    "policy.platform": ("a das recomendações", "the one of the recommendations"),
    "policy.quantile": ("quantil da previsão", "forecast quantile"),
    "policy.economic": ("econômica", "economic"),
    "policy.minmax": ("mínimo e máximo", "min and max"),
    "policy.sq": ("ponto e lote (s, Q)", "point and lot (s, Q)"),
    "whatif.subtitle": ("nada do que está em uso muda", "nothing in use is changed"),
    "whatif.nothing": (
        "Nenhum material nesta seleção. Tire um filtro para simular.",
        "No material in this selection. Take a filter away to simulate.",
    ),
    "whatif.demand": ("Demanda", "Demand"),
    "whatif.lead_time": ("Prazo de entrega", "Lead time"),
    "whatif.service": ("Nível de serviço", "Service level"),
    "whatif.service_help": (
        "Um só nível para toda a seleção; na ponta esquerda cada material fica com o da sua política.",
        "One level for the whole selection; at the left end each material keeps that of its own policy.",
    ),
    "whatif.own_service": ("de cada um", "own"),
    "whatif.budget": ("Orçamento para hoje", "Budget for today"),
    "whatif.budget_help": (
        "Compra primeiro o que evita mais custo por real; na ponta direita não há limite.",
        "Buys first what avoids the most cost per R$; at the right end there is no limit.",
    ),
    "whatif.no_limit": ("sem limite", "no limit"),
    "whatif.today": ("Hoje", "Today"),
    "whatif.changed": ("E se", "What if"),
    "whatif.which": ("Situação", "Situation"),
    "whatif.today_is": ("hoje {value}", "today {value}"),
    "whatif.against_today": ("contra hoje", "against today"),
    "whatif.capital": ("Capital em estoque", "Capital in stock"),
    "whatif.capital_axis": ("capital em estoque (R$ mil)", "capital in stock (R$ K)"),
    "whatif.holding_year": ("Manter (por ano)", "Holding (per year)"),
    "whatif.available": ("Sem ruptura", "Without stock-out"),
    "whatif.fill": ("Demanda atendida", "Demand met"),
    "whatif.shortage_cost": ("Falta esperada", "Expected shortage"),
    "whatif.buy_now": ("Comprar hoje", "Buy today"),
    "whatif.avoided": ("Falta evitada", "Shortage avoided"),
    "whatif.curve": (
        "Curva da parte sem ruptura contra capital",
        "Curve of the share without stock-out against capital",
    ),
    "whatif.note": (
        "{count} pares de material e site, com as distribuições guardadas no último processamento: a média muda com a "
        "demanda e o prazo, a dispersão com a raiz do prazo. Valores da falta são por período de proteção. Os pontos "
        "grandes são a seleção como está; as curvas, um mesmo nível para todos.",
        "{count} pairs of material and site, on the distributions kept by the last run: the mean moves with demand and "
        "lead time, the spread with the root of the lead time. Shortages are per protection period. The large dots are "
        "the selection as it stands; the curves, one level for all.",
    ),
    "whatif.by_family": ("Onde muda", "Where it changes"),
    "whatif.capital_before": ("Capital hoje (R$)", "Capital today (R$)"),
    "whatif.capital_after": ("Capital e se (R$)", "Capital what if (R$)"),
    "whatif.difference": ("Diferença (R$)", "Difference (R$)"),
    "whatif.shortage_before": ("Falta hoje (R$)", "Shortage today (R$)"),
    "whatif.shortage_after": ("Falta e se (R$)", "Shortage what if (R$)"),
    "whatif.difference_shortage": ("Diferença da falta (R$)", "Difference of shortage (R$)"),
    "whatif.saved": ("Simulações guardadas", "Saved simulations"),
    "whatif.none_saved": (
        "Guarde esta simulação em “Visões” para comparar com outras.",
        "Save this simulation under “Views” to compare it with others.",
    ),
    "whatif.item_sites": ("Materiais × sites", "Materials × sites"),
}
