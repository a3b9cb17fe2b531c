"""Words of the inbox of alerts."""

WORDS = {
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
    "alerts.count": ("{count} alertas, {unread} não lidos", "{count} alerts, {unread} unread"),
    "alerts.at_stake": ("{value} em jogo", "{value} at stake"),
    "alerts.more": (
        "Mostrando os {shown} piores de {count}. Use os filtros para ver os demais.",
        "Showing the {shown} worst of {count}. Use the filters to see the others.",
    ),
    "alerts.since": ("desde {day}", "since {day}"),
    "alerts.expected": ("esperado para {day}", "expected on {day}"),
    "alerts.with": ("com {who}", "with {who}"),
    "alerts.act": ("Ler, assumir ou adiar", "Read, take or snooze"),
    "alerts.mark_read": ("Marcar como lido", "Mark as read"),
    "alerts.mark_unread": ("Marcar como não lido", "Mark as unread"),
    "alerts.take": ("Assumir", "Take it"),
    "alerts.give_back": ("Devolver", "Give it back"),
    "alerts.snooze": ("Adiar até {day}", "Snooze until {day}"),
    "alerts.wake": ("Voltar aos abertos", "Back to open"),
}
