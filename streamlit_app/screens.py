"""The screens: address, icon, roles and where their code is. Navigation, shell and tests are made from this list."""

from __future__ import annotations

from dataclasses import dataclass

from streamlit_app.access.roles import ADMINS, EVERYBODY


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen. `path` is its address in every language (the first one stands at the root), `name` its module in
    views/ and its key in the catalogue."""

    path: str
    name: str
    icon: str
    roles: tuple[str, ...]
    in_menu: bool = True

    @property
    def title_key(self) -> str:
        return f"screen.{self.name}"


SCREENS = (
    Screen("", "panel", ":material/space_dashboard:", EVERYBODY),
    Screen("materiais", "items", ":material/inventory_2:", EVERYBODY),
    Screen("material", "item", ":material/deployed_code:", EVERYBODY, in_menu=False),
    Screen("previsoes", "forecasts", ":material/trending_up:", EVERYBODY),
    Screen("recomendacoes", "recommendations", ":material/task_alt:", EVERYBODY),
    Screen("alertas", "alerts", ":material/notifications:", EVERYBODY),
    Screen("simulador", "simulator", ":material/tune:", EVERYBODY),
    Screen("fornecedores", "suppliers", ":material/local_shipping:", EVERYBODY),
    Screen("dados", "data", ":material/database:", EVERYBODY),
    Screen("administracao", "admin", ":material/admin_panel_settings:", ADMINS),
)

SCREEN = {screen.name: screen for screen in SCREENS}
