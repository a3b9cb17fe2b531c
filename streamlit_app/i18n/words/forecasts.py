"""Words of the forecasts screen."""

WORDS = {
    "forecast.part": ("Parte", "Part"),
    "forecast.part_comparar": ("Comparar", "Compare"),
    "forecast.part_acerto": ("Acerto", "Accuracy"),
    "forecast.part_valor": ("Valor", "Value added"),
    "forecast.part_calibracao": ("Calibração", "Calibration"),
    "forecast.part_ajustes": ("Ajustes", "Overrides"),
    "forecast.target": ("Soma prevista", "Forecast sum"),
    "forecast.model": ("Modelo", "Model"),
    "forecast.days": ("Dias somados", "Days summed"),
    "forecast.none": (
        "Nenhuma previsão com estes filtros. Tire um filtro ou busque por outro material.",
        "No forecast with these filters. Take a filter away or search for another material.",
    ),
    "forecast.count": (
        "{total} previsões · marque até {most} para comparar",
        "{total} forecasts · tick up to {most} to compare",
    ),
    "forecast.count.one": (
        "{total} previsão · marque até {most} para comparar",
        "{total} forecast · tick up to {most} to compare",
    ),
    "forecast.table": ("Previsões por material e site", "Forecasts by material and site"),
    "forecast.chart": ("Previsão semanal dos materiais marcados", "Weekly forecast of the ticked materials"),
    "forecast.override": ("Ajuste", "Override"),
    "forecast.override_help": (
        "Número de um analista, guardado ao lado da previsão calculada, que continua como está.",
        "A planner's number, kept beside the computed forecast, which stays as it is.",
    ),
    "forecast.value": ("Valor (R$)", "Value (R$)"),
    "forecast.value_help": ("Média prevista vezes o custo padrão.", "Mean forecast times the standard cost."),
    "forecast.borrowed": ("Emprestado", "Borrowed"),
    "forecast.borrowed_help": (
        "Peso da evidência que veio de séries parecidas, onde a própria história é curta.",
        "Weight of the evidence that came from similar series, where the own history is short.",
    ),
    "forecast.override_title": ("Ajustar: {name}", "Override: {name}"),
    "forecast.override_note": (
        "A média calculada é {mean} e não muda. O seu número fica ao lado dela, com motivo e validade, entra na "
        "auditoria, "
        "e a próxima execução planeja por ele.",
        "The computed mean is {mean} and does not change. Your number stands beside it, with reason and expiry, is "
        "audited, "
        "and the next run plans by it.",
    ),
    "forecast.your_number": ("Seu número", "Your number"),
    "forecast.valid_until": ("Vale até", "Valid until"),
    "forecast.override_save": ("Guardar ajuste", "Save override"),
    "forecast.override_done": ("Ajuste guardado", "Override saved"),
    "forecast.show_past": ("mostrar vencidos e retirados", "show expired and withdrawn"),
    "forecast.no_overrides": (
        "Nenhum ajuste em vigor. Para fazer um, marque um material em “Comparar”.",
        "No override in force. To make one, tick a material under “Compare”.",
    ),
    "forecast.overrides_note": (
        "Ajustes ficam separados da previsão calculada; as execuções planejam por eles até a data de validade.",
        "Overrides are kept apart from the computed forecast; runs plan by them until they expire.",
    ),
    "forecast.in_force": ("em vigor", "in force"),
    "forecast.over": ("encerrado", "over"),
    "forecast.what": ("Número", "Number"),
    "forecast.baseline": ("Calculado", "Computed"),
    "forecast.baseline_help": ("O número calculado de hoje.", "Today's computed number."),
    "forecast.difference": ("Diferença", "Difference"),
    "forecast.author": ("Autor", "Author"),
    "forecast.withdraw": ("Retirar {count}", "Withdraw {count}"),
    "forecast.all_classes": ("todas as classes", "all classes"),
    "forecast.all_families": ("todas as famílias", "all families"),
    "forecast.no_race": (
        "Ainda não houve corrida de modelos para este recorte. Ela roda no fim de cada mês.",
        "No race of the models for this cut yet. It runs at the end of each month.",
    ),
    "forecast.in_force_model": ("Em uso: {name}", "In use: {name}"),
    "forecast.race": (
        "corrida de {day}, {origins} origens, {series} séries",
        "race of {day}, {origins} origins, {series} series",
    ),
    "forecast.rule": ("Por quê", "Why"),
    "forecast.rule_lowest": ("menor perda de todos", "lowest loss of all"),
    "forecast.rule_none": ("nenhum modelo ganha dele", "no model beats it"),
    "forecast.rule_simpler": (
        "mais simples que {name} e dentro de um erro padrão",
        "simpler than {name} and within one standard error",
    ),
    "forecast.staircase": ("Escada do valor da previsão", "Staircase of forecast value added"),
    "forecast.staircase_note": (
        "Perda de cada degrau em relação à demanda média; entre parênteses, a mudança contra o degrau de cima. Os "
        "ajustes "
        "se comparam só com as previsões que substituíram.",
        "Loss of each step relative to mean demand; in brackets the change against the step above. Overrides are "
        "compared "
        "with the forecasts that they replaced, alone.",
    ),
    "forecast.step": ("Degrau", "Step"),
    "forecast.step_selected": ("em uso", "in use"),
    "forecast.step_override": ("ajustes", "overrides"),
    "forecast.value_added": ("Valor do degrau", "Value added"),
    "forecast.value_month": ("corrida de {day}, até {count} previsões", "race of {day}, up to {count} forecasts"),
    "forecast.value_unknown": ("Sem demanda para comparar.", "No demand to compare with."),
    "forecast.value_better": (
        "Os modelos em uso erram {value} menos que o ingênuo.",
        "The models in use lose {value} less than the naive one.",
    ),
    "forecast.value_worse": (
        "Os modelos em uso erram {value} mais que o ingênuo.",
        "The models in use lose {value} more than the naive one.",
    ),
    "forecast.override_better": ("Os ajustes tiram mais {value}.", "Overrides take another {value} away."),
    "forecast.override_worse": ("Os ajustes devolvem {value}.", "Overrides give {value} back."),
    "forecast.loss_by_class": ("Perda por classe de demanda", "Loss by demand class"),
    "forecast.stocking_cost": ("Custo de estocar o P95 (R$)", "Cost of stocking the P95 (R$)"),
    "forecast.corrections": ("Hierarquia e fatores externos", "Hierarchy and drivers"),
    "forecast.corrections_note": (
        "As mesmas previsões passadas, com e sem cada correção. Entra em uso só a que ganha mais que um erro padrão e "
        "mais que 1 %.",
        "The same past forecasts with and without each correction. Only one that gains more than a standard error and "
        "more than 1 % comes into use.",
    ),
    "forecast.correction": ("Correção", "Correction"),
    "forecast.correction_kind": ("Tipo", "Kind"),
    "forecast.verdict": ("Veredito", "Verdict"),
    "forecast.kept": ("● em uso", "● in use"),
    "forecast.not_kept": ("○ não ajuda", "○ does not help"),
    "forecast.gain_se_help": ("Erro padrão do ganho.", "Standard error of the gain."),
    "forecast.loss_without": ("Perda sem", "Loss without"),
    "forecast.loss_with": ("Perda com", "Loss with"),
    "forecast.origins": ("Origens", "Origins"),
    "forecast.horizons": ("Somas dos materiais marcados", "Sums of the ticked materials"),
    "forecast.models_of_class": (
        "modelos comparados na classe {name}",
        "models compared in the class {name}",
    ),
    "forecast.loss_axis": ("perda sobre a demanda média", "loss over mean demand"),
    "forecast.models": ("Todos os modelos", "All models"),
    "forecast.by_class": ("Modelo em uso por classe e família", "Model in use by class and family"),
    "forecast.loss": ("Perda", "Loss"),
    "forecast.loss_help": (
        "Perda média dos quantis 50, 80, 90, 95 e 99, sobre a demanda média. Menor é melhor.",
        "Mean loss of the quantiles 50, 80, 90, 95 and 99, over mean demand. Lower is better.",
    ),
    "forecast.se_help": ("Erro padrão da distância até o melhor.", "Standard error of the distance to the best."),
    "forecast.gain": ("Ganho", "Gain"),
    "forecast.gain_help": ("Contra o modelo ingênuo.", "Against the naive model."),
    "forecast.coverage_help": (
        "Parte das somas reais que ficou no quantil ou abaixo dele; o ideal é o próprio nível.",
        "Share of actual sums at or below the quantile; ideal is the level itself.",
    ),
    "forecast.bias": ("Viés", "Bias"),
    "forecast.bias_help": ("Soma prevista sobre a soma real, menos 1.", "Forecast sum over actual sum, less 1."),
    "forecast.wape_help": (
        "Soma dos erros absolutos da média sobre a soma real.",
        "Sum of absolute errors of the mean over the actual sum.",
    ),
    "forecast.rmsse_help": (
        "Erro quadrático em escala; a previsão zero ao lado serve de régua.",
        "Scaled squared error; the zero forecast beside it is the yardstick.",
    ),
    "forecast.over_naive": ("Ganho sobre o ingênuo", "Gain over naive"),
    "forecast.over_zero": ("Ganho sobre zero", "Gain over zero"),
    "forecast.no_calibration": (
        "Ainda não venceu nenhum período previsto e não houve corrida de modelos.",
        "No forecast period has ended yet and there has been no race of the models.",
    ),
    "forecast.stated": ("Previsto", "Stated"),
    "forecast.observed": ("Observado", "Observed"),
    "forecast.low": ("de", "from"),
    "forecast.high": ("até", "to"),
    "forecast.band_help": ("Faixa de 90 % da parte observada.", "Band of 90 % of the observed share."),
    "forecast.scored": ("Somas conferidas", "Sums scored"),
    "forecast.source": ("Origem", "Source"),
    "forecast.holds": ("confere", "holds"),
    "forecast.off": ("fora", "off"),
    "forecast.in_backtest": ("na corrida de modelos", "in the race of the models"),
    "forecast.since_used": ("desde que em uso", "since in use"),
    "forecast.calibration_note": (
        "Na diagonal, o nível previsto é o observado. Somas de números inteiros pequenos ficam acima dela: "
        "muitos quantis são o mesmo número.",
        "On the diagonal the stated level is the observed one. Sums of small whole numbers lie above it: "
        "many quantiles are the same number.",
    ),
}
