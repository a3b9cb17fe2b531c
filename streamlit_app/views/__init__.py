"""The screens, one module each with `render()`. The first line of each asks for the role.

This folder must never be called `pages`: Streamlit would serve its files to anybody.
"""
