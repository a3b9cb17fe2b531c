"""Textbook inventory theory with exact answers, split by question; plain functions on numbers and arrays.

Belongs here: formulas and exact algorithms of the field, each with its source. The policies that the platform plans
with (`science.stock`, `science.projection`) stand on quantile grids and use these where a closed form is right; the
rest are the yardsticks that simulations and tests are held against.

Notation of Snyder and Shen, Fundamentals of Supply Chain Theory (2nd ed.), cited as S&S: K fixed cost of an order,
h holding cost and p shortage cost per unit and period, `rate` demand per the same period.
"""
