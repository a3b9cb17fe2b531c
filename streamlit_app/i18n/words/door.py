"""Words of the pages before the screens: signing in, the first ADMIN, and what to say when the door stays shut."""

WORDS = {
    "door.tagline": ("Planejamento de materiais", "Spare-parts planning"),
    "door.promise": (
        "O que comprar, mover ou apressar: quanto, de quem, até quando e por quê.",
        "What to buy, move or expedite: how many, from whom, by when, and why.",
    ),
    "door.sign_in": ("Entrar", "Sign in"),
    "door.welcome": ("Bom dia", "Welcome back"),
    "door.hint": ("Entre para ver as decisões de hoje.", "Sign in to see today's decisions."),
    "door.username": ("Usuário", "User name"),
    "door.password": ("Senha", "Password"),
    "door.wrong": ("Usuário ou senha incorretos.", "Wrong user name or password."),
    "door.wait": (
        "Muitas tentativas. Tente de novo em {seconds} s.",
        "Too many attempts. Try again in {seconds} s.",
    ),
    "door.missing": ("Preencha usuário e senha.", "Fill in user name and password."),
    "door.foreign": (
        "O pedido não veio desta página. Recarregue e tente de novo.",
        "The request did not come from this page. Reload and try again.",
    ),
    "door.unavailable": (
        "O banco de dados não responde. Tente de novo em instantes.",
        "The database does not answer. Try again in a moment.",
    ),
    "door.unavailable_title": ("Banco de dados fora do ar", "Database unavailable"),
    "door.unavailable_text": (
        "A aplicação volta sozinha assim que o PostgreSQL responder. Esta página tenta de novo por conta própria; "
        "se continuar assim, peça ao administrador que rode “nova doctor”.",
        "The app recovers by itself as soon as PostgreSQL answers. This page tries again by itself; "
        "if it stays like this, ask the administrator to run “nova doctor”.",
    ),
    "failure.large_title": ("Pedido grande demais", "Request too large"),
    "failure.large_text": (
        "Nenhum formulário daqui precisa de tanto. Recarregue a página e tente de novo.",
        "No form here needs that much. Reload the page and try again.",
    ),
    "door.signed_out": ("Você saiu. Até logo!", "You are signed out. See you soon!"),
    "door.sign_out": ("Sair", "Sign out"),
    "door.sign_out_title": ("Sair da plataforma?", "Sign out of the platform?"),
    "door.back": ("Voltar", "Back"),
    "door.language": ("Idioma", "Language"),
    "door.help": (
        "Sem acesso? Peça uma conta ao administrador.",
        "No access? Ask the administrator for an account.",
    ),
    "setup.title": ("Primeiro administrador", "First administrator"),
    "setup.text": (
        "Este link vale uma única vez. Crie a conta que vai convidar as demais.",
        "This link works once. Create the account that will invite the others.",
    ),
    "setup.display_name": ("Nome completo", "Full name"),
    "setup.password": ("Senha (12 caracteres ou mais)", "Password (12 characters or more)"),
    "setup.repeat": ("Repita a senha", "Repeat the password"),
    "setup.create": ("Criar conta", "Create account"),
    "setup.invalid_title": ("Este link não vale mais", "This link no longer works"),
    "setup.invalid_text": (
        "O link já foi usado, venceu, ou já existe um administrador. Rode “nova init” no servidor para criar outro.",
        "The link was used, has expired, or an administrator exists. Run “nova init” on the server for another.",
    ),
    "setup.username_rule": (
        "Usuário: 3 a 40 letras minúsculas, números, ponto, hífen ou sublinhado.",
        "User name: 3 to 40 lower-case letters, digits, dot, hyphen or underscore.",
    ),
    "setup.name_missing": ("Diga o seu nome.", "Tell us your name."),
    "setup.differ": ("As senhas não são iguais.", "The passwords differ."),
    "password_short": ("A senha precisa de 12 caracteres ou mais.", "The password needs 12 characters or more."),
    "password_long": ("A senha passa de 72 bytes.", "The password exceeds 72 bytes."),
    "password_common": (
        "Senha comum ou fácil de adivinhar: não use o seu nome, o da empresa nem sequências conhecidas.",
        "Common or easy to guess: use neither your name, the company's, nor well-known sequences.",
    ),
    "password_breached": (
        "Esta senha aparece em listas de senhas vazadas: escolha outra.",
        "This password is known from leaks: choose another one.",
    ),
    "door.created": ("Conta criada. Agora entre.", "Account created. Now sign in."),
}
