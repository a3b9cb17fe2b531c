"""Words of the suppliers screen."""

WORDS = {
    "supplier.subtitle": ("pedidos dos últimos 365 dias", "orders of the last 365 days"),
    "supplier.search": ("Nome ou código do fornecedor", "Name or code of the supplier"),
    "supplier.type": ("Tipo", "Type"),
    "supplier.none": (
        "Nenhum fornecedor com pedidos nestes filtros. Tire um filtro.",
        "No supplier with orders in these filters. Take a filter away.",
    ),
    "supplier.choose": (
        "Marque um fornecedor para ver os pedidos dele, os abertos e atrasados primeiro.",
        "Tick a supplier to see its orders, open and late ones first.",
    ),
    "supplier.table": ("Fornecedores, os com atraso primeiro", "Suppliers, those with late orders first"),
    "supplier.count": ("{count} fornecedores", "{count} suppliers"),
    "supplier.count.one": ("{count} fornecedor", "{count} supplier"),
    "supplier.on_time_all": ("{value} das entregas no dia prometido", "{value} of deliveries on the promised day"),
    "supplier.late_all": ("{count} linhas atrasadas agora", "{count} lines late now"),
    "supplier.late_all.one": ("{count} linha atrasada agora", "{count} line late now"),
    "supplier.open_all": ("{count} linhas a receber", "{count} lines to be received"),
    "supplier.open_all.one": ("{count} linha a receber", "{count} line to be received"),
    "supplier.receipts": ("Entregas", "Receipts"),
    "supplier.receipts_help": (
        "Linhas recebidas: quanto menos, menos se sabe do fornecedor.",
        "Lines received: the fewer, the less is known about the supplier.",
    ),
    "supplier.on_time": ("No prazo", "On time"),
    "supplier.on_time_help": (
        "Entregas até o dia prometido, sobre todas as entregas.",
        "Receipts on or before the promised day, out of all receipts.",
    ),
    "supplier.on_time_change": ("30 d", "30 d"),
    "supplier.on_time_change_help": (
        "Mudança das entregas no prazo contra 30 dias atrás.",
        "Change of the on-time share against 30 days ago.",
    ),
    "supplier.items_help": (
        "Materiais da seleção que o planejamento compra dele.",
        "Materials of the selection that planning buys from it.",
    ),
    "supplier.accuracy": ("Quantidade", "Quantity"),
    "supplier.accuracy_help": (
        "1 menos a diferença relativa média entre o pedido e o recebido.",
        "1 less the mean relative gap between ordered and received.",
    ),
    "supplier.promised": ("Promete (d)", "Promises (d)"),
    "supplier.promised_help": (
        "Prazo médio prometido nas linhas recebidas.",
        "Mean lead time promised on the lines received.",
    ),
    "supplier.mean": ("Média", "Mean"),
    "supplier.mean_help": (
        "Prazo médio, com os pedidos ainda abertos contados pelo que já esperam.",
        "Mean lead time, with orders still open counted for as long as they have waited.",
    ),
    "supplier.p50": ("Entrega", "Delivers"),
    "supplier.p95": ("P95", "P95"),
    "supplier.p95_help": (
        "Dias até a entrega que 95 em 100 pedidos não passam; “Entrega” é a mediana.",
        "Days to receipt that 95 of 100 orders stay below; “Delivers” is the median.",
    ),
    "supplier.price": ("Preço", "Price"),
    "supplier.price_help": (
        "Preço do último semestre sobre o do semestre anterior, menos 1.",
        "Price of the last half-year over that of the half-year before, less 1.",
    ),
    "supplier.open": ("Abertas", "Open"),
    "supplier.late": ("Atrasadas", "Late"),
    "supplier.orders": ("Pedidas", "Ordered"),
    "supplier.minimum": ("Mínimo (R$)", "Minimum (R$)"),
    "supplier.minimum_help": (
        "Menor valor de um pedido inteiro, todas as linhas juntas. Vem do ERP: coluna min_order_value do arquivo "
        "suppliers; muda-se lá.",
        "Least that a whole order, all lines together, is worth. It comes from the ERP: column min_order_value of the "
        "file suppliers; it is changed there.",
    ),
    "supplier.has_minimum": (
        "Pedidos de {value} ou mais, diz o arquivo suppliers do ERP; para chegar lá adianta-se o que vence logo.",
        "Orders of {value} or more, says the ERP's file suppliers; what comes due soonest is brought forward for it.",
    ),
    "supplier.no_minimum": (
        "Sem valor mínimo de pedido no arquivo suppliers do ERP (coluna min_order_value).",
        "No least order value in the ERP's file suppliers (column min_order_value).",
    ),
}
