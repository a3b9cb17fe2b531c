"""The REST API for other systems: read-only, under /api/v1 of the app.

`routes` says what can be asked, `rows` what an answer looks like, `callers` who asks and how often he may, `answers`
where an answer comes from: Redis under the version of the data, else one SQL statement that builds the JSON itself.
"""
