"""Words of downloaded files and of saved views."""

WORDS = {
    "file.data_sheet": ("Dados", "Data"),
    "file.filters_sheet": ("Filtros", "Filters"),
    "file.filters": ("Filtros", "Filters"),
    "file.no_filters": ("nenhum: tudo", "none: everything"),
    "file.data_of": ("Dados de", "Data of"),
    "file.run": ("Execução", "Run"),
    "file.published": ("Publicado em", "Published at"),
    "file.sources": ("Arquivos de origem", "Source files"),
    "file.rows": ("Linhas", "Rows"),
    "file.taken_at": ("Baixado em", "Downloaded at"),
    "file.taken_by": ("Baixado por", "Downloaded by"),
    "saved.button": ("Visões", "Views"),
    "saved.help": (
        "Guarda os filtros desta tela com um nome, só para você.",
        "Keeps this screen's filters under a name, for you alone.",
    ),
    "saved.none": (
        "Nenhuma visão guardada. Escolha os filtros, dê um nome e guarde.",
        "No saved view. Choose filters, give a name and save.",
    ),
    "saved.name": ("Nome da visão", "Name of the view"),
    "saved.save": ("Guardar", "Save"),
    "saved.delete": ("Apagar", "Delete"),
    "saved.name_needed": ("Dê um nome à visão.", "Give the view a name."),
    "saved.done": ("Visão guardada", "View saved"),
}
