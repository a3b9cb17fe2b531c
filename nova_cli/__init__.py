"""What is typed: one module per command, each importing the rest of the platform only when it runs.

Belongs here: options, progress, exit codes, and the supervision of `nova up`. Nothing imports this package.
"""
