"""Words of one's own account and of the second factor."""

WORDS = {
    "account.title": ("Minha conta", "My account"),
    "account.password": ("Senha", "Password"),
    "account.password_hint": (
        "As suas outras sessões são encerradas.",
        "Your other sessions end.",
    ),
    "account.password_given": (
        "Esta senha foi escolhida por outra pessoa. Escolha a sua para continuar.",
        "Somebody else chose this password. Choose your own to go on.",
    ),
    "account.password_now": ("Senha atual", "Current password"),
    "account.password_change": ("Mudar a senha", "Change password"),
    "account.password_wrong": (
        "A senha atual não confere, ou houve tentativas demais.",
        "The current password is wrong, or there were too many attempts.",
    ),
    "account.same": ("A senha nova é igual à atual.", "The new password is the current one."),
    "account.factor": ("Segundo fator", "Second factor"),
    "account.factor_first": (
        "Aqui o segundo fator é obrigatório: ative-o para continuar.",
        "A second factor is demanded here: switch it on to go on.",
    ),
    "account.factor_text": (
        "Ao entrar, além da senha, um código do seu aplicativo autenticador. Recomendado para administradores.",
        "Signing in asks for a code of your authenticator besides the password. Recommended for administrators.",
    ),
    "account.factor_begin": ("Ativar", "Switch on"),
    "account.factor_scan": (
        "Leia o código com o aplicativo autenticador, ou digite a chave, e confirme com o primeiro código.",
        "Scan this with your authenticator, or type the key, and confirm with the first code.",
    ),
    "account.factor_confirm": ("Confirmar", "Confirm"),
    "account.factor_on": ("Segundo fator ativo.", "The second factor is on."),
    "account.factor_active": (
        "Ativo. Códigos de recuperação restantes: {left}.",
        "On. Recovery codes left: {left}.",
    ),
    "account.factor_remove": ("Desativar", "Switch off"),
    "account.codes_text": (
        "Guarde estes códigos em lugar seguro: cada um vale uma vez no lugar do aplicativo. "
        "Não serão mostrados de novo.",
        "Keep these codes in a safe place: each stands in once for the authenticator. They are not shown again.",
    ),
    "account.code_wrong": (
        "O código não confere. Comece de novo e digite o código que o aplicativo mostra agora.",
        "The code is wrong. Begin again and type the code that the authenticator shows now.",
    ),
    "account.sessions": ("Sessões abertas", "Open sessions"),
    "account.this_one": ("esta", "this one"),
    "account.end": ("Encerrar", "End"),
    "account.tokens": ("Tokens de API", "API tokens"),
    "account.tokens_text": (
        "Para outros sistemas lerem a API com os seus direitos.",
        "For other systems to read the API with your rights.",
    ),
    "account.token_once": (
        "Copie o token agora: ele não será mostrado de novo.",
        "Copy the token now: it is not shown again.",
    ),
    "account.token_create": ("Criar token", "Create token"),
    "account.label": ("Para quê", "What for"),
    "account.days": ("Validade em dias", "Valid for days"),
    "account.last_used": ("Último uso", "Last use"),
    "account.revoke": ("Revogar", "Revoke"),
    "account.done_senha": ("Senha mudada.", "Password changed."),
    "account.done_sessao": ("Sessão encerrada.", "Session ended."),
    "account.done_token": ("Token revogado.", "Token revoked."),
    "account.done_fator": ("Segundo fator desativado.", "The second factor is off."),
    "door.code_title": ("Segundo fator", "Second factor"),
    "door.code_hint": (
        "Digite o código do aplicativo autenticador, ou um código de recuperação.",
        "Type the code of your authenticator, or a recovery code.",
    ),
    "door.code": ("Código", "Code"),
    "door.code_wrong": ("Código incorreto ou vencido.", "The code is wrong or has expired."),
    "door.provider": ("Entrar com a conta da empresa", "Sign in with the company account"),
    "door.provider_refused": (
        "A conta da empresa não abriu a porta: peça ao administrador que cadastre o seu e-mail.",
        "The company account did not open the door: ask the administrator to register your e-mail address.",
    ),
}
