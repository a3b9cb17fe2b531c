"""The HTTP side of the app: the gate, the security headers, signing in and out, health, and the shell of the screens.

Every path is closed to strangers unless `gate.py` names it as public.
"""
