"""What the screens ask the database: one function per question, each a named file under sql/app.

The database role is nova_app: it reads views and tables of the analytics and may execute the few functions that write.
"""
