"""Words of the inbox of alerts."""

WORDS = {
    "alerts.box_resolvidos": ("Resolvidos", "Resolved"),
    "alerts.none_resolved": (
        "Nenhum alerta se resolveu no período com estes filtros.",
        "No alert was resolved in the period with these filters.",
    ),
    "alerts.resolved_on": ("Resolvido em", "Resolved on"),
    "alerts.opened_on": ("Aberto em", "Opened on"),
    "alerts.days": ("Dias", "Days"),
    "alerts.value": ("Em jogo (R$)", "At stake (R$)"),
    "alerts.hours": ("Horas em risco", "Hours at risk"),
    "alerts.hours_at_stake": (
        "{hours} de espera em risco, somadas as unidades que faltariam",
        "{hours} of waiting at risk, over all units that would be short",
    ),
    "alerts.by_valor": ("Por gravidade e custo", "By severity and cost"),
    "alerts.by_horas": ("Por horas em risco", "By hours at risk"),
    "alerts.owner": ("Responsável", "Owner"),
    "alerts.snoozed_until": ("Adiado até", "Snoozed until"),
    "alerts.note": ("Observação", "Remark"),
    "alerts.box": ("Caixa", "Box"),
    "alerts.box_abertos": ("Abertos", "Open"),
    "alerts.box_meus": ("Meus", "Mine"),
    "alerts.box_adiados": ("Adiados", "Snoozed"),
    "alerts.box_todos": ("Todos", "All"),
    "alerts.cause": ("Causa", "Cause"),
    "alerts.severity": ("Gravidade", "Severity"),
    "alerts.none": (
        "Nenhum alerta aberto. Os próximos aparecem aqui quando o risco passa do limite.",
        "No open alert. The next ones appear here when a risk exceeds its limit.",
    ),
    "alerts.none_here": ("Nada nesta caixa com estes filtros.", "Nothing in this box with these filters."),
    "alerts.count": ("{count} alertas", "{count} alerts"),
    "alerts.count.one": ("{count} alerta", "{count} alert"),
    "alerts.unread": ("{count} não lidos", "{count} unread"),
    "alerts.unread.one": ("{count} não lido", "{count} unread"),
    "alerts.at_stake": ("{value} em jogo", "{value} at stake"),
    "alerts.since": ("desde {day}", "since {day}"),
    "alerts.expected": ("esperado para {day}", "expected on {day}"),
    "alerts.with": ("com {who}", "with {who}"),
    "alerts.act": ("Ler, assumir, adiar ou resolver", "Read, take, snooze or resolve"),
    "alerts.resolve": ("Resolver…", "Resolve…"),
    "alerts.resolve_title": ("Resolver o alerta", "Resolve the alert"),
    "alerts.resolve_note": (
        "Sai da caixa de entrada, com o seu motivo na auditoria. Volta sozinho se a gravidade mudar ou se o problema "
        "reaparecer.",
        "It leaves the inbox, with your reason in the audit log. It comes back by itself if its severity changes or "
        "the problem appears again.",
    ),
    "alerts.resolve_now": ("Resolver", "Resolve"),
    "alerts.reopen": ("Reabrir", "Reopen"),
    "alerts.closed_by_hand": ("Resolvidos por pessoas", "Resolved by people"),
    "alerts.closed_by": ("resolvido por {who}: “{why}”", "resolved by {who}: “{why}”"),
    "alerts.box_acerto": ("Acerto", "Accuracy"),
    "alerts.came_true": ("Confirmados", "Came true"),
    "alerts.true_count": ("Quantos", "How many"),
    "alerts.no_calibration": (
        "Nenhum alerta de ruptura com prazo vencido ainda. O acerto aparece aqui quando terminam os 30 dias dos "
        "primeiros.",
        "No stock-out alert whose days are over yet. The accuracy appears here once the 30 days of the first ones end.",
    ),
    "alerts.calibration_note": (
        "{count} alertas de ruptura cujo prazo venceu, por probabilidade informada. A faixa é o que o acaso explica em "
        "95 de 100 casos quando as probabilidades estão certas.",
        "{count} stock-out alerts whose days are over, by the probability told. The band is what chance explains in 95 "
        "of 100 cases when the probabilities are right.",
    ),
    "alerts.mark_read": ("Marcar como lido", "Mark as read"),
    "alerts.mark_unread": ("Marcar como não lido", "Mark as unread"),
    "alerts.take": ("Assumir", "Take it"),
    "alerts.give_back": ("Devolver", "Give it back"),
    "alerts.snooze": ("Adiar até {day}", "Snooze until {day}"),
    "alerts.wake": ("Voltar aos abertos", "Back to open"),
}
