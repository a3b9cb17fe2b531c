-- Remember a person's language. Grain: one row.
-- Parameters: session, locale.
SELECT support.set_locale(p_session => %(session)s, p_locale => %(locale)s);
