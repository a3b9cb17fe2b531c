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
    "supplier.open_all": ("{value} a receber", "{value} to be received"),
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
    "supplier.in_full": ("Completas", "In full"),
    "supplier.in_full_help": (
        "Entregas com toda a quantidade pedida.",
        "Receipts of the whole quantity ordered.",
    ),
    "supplier.promised": ("Promete (d)", "Promises (d)"),
    "supplier.p50": ("Entrega", "Delivers"),
    "supplier.p95": ("P95", "P95"),
    "supplier.p95_help": (
        "Dias até a entrega que 95 em 100 pedidos não passam; as outras colunas de dias são medianas.",
        "Days to receipt that 95 of 100 orders stay below; the other columns of days are medians.",
    ),
    "supplier.recent": ("Atraso 90 d", "Late, 90 d"),
    "supplier.recent_help": (
        "Atraso médio, em dias, das entregas dos últimos 90 dias; negativo é adiantado.",
        "Mean days late of the receipts of the last 90 days; negative is early.",
    ),
    "supplier.price": ("Preço", "Price"),
    "supplier.price_help": (
        "Mudança média do preço, do primeiro ao último pedido de cada material no ano.",
        "Mean change of price, from the first to the last order of each material in the year.",
    ),
    "supplier.open": ("Abertas", "Open"),
    "supplier.late": ("Atrasadas", "Late"),
    "supplier.open_value": ("A receber (R$)", "To receive (R$)"),
    "supplier.spend": ("Comprado (R$)", "Bought (R$)"),
}
