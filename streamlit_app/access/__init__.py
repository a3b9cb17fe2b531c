"""Who is asking and what they may do: passwords, session tokens, sessions, roles, refusals and their audit.

The database decides (functions of the schema `support`); this package carries its answers to the HTTP routes and to the
screens, and never remembers one for longer than `sessions.REMEMBERED_SECONDS`.
"""
