-- Records that somebody at the machine wrote a table to a file. Parameters: table_name, details (JSON text).
SELECT support.audit(NULL, 'export.written', %(table_name)s, 'DONE', %(details)s::jsonb, NULL, NULL)
